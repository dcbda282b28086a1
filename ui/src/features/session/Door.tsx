// Before the place opens: waiting, no answer, the first owner, or signing in.
import type { UseQueryResult } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import type { SessionInfo } from '@/api/types'
import { ErrorState, Loading } from '@/components/States'
import classes from './Door.module.css'

const SetupPage = lazy(() => import('./SetupPage').then((m) => ({ default: m.SetupPage })))
const LoginPage = lazy(() => import('./LoginPage').then((m) => ({ default: m.LoginPage })))

export function Door({ session }: { session: UseQueryResult<SessionInfo> }) {
  const waiting = (
    <div className={classes.wait}>
      <Loading shape="text" count={3} />
    </div>
  )
  if (session.isPending) return waiting
  if (session.isError) {
    return (
      <main className={classes.wait}>
        <ErrorState error={session.error} retry={() => void session.refetch()} />
      </main>
    )
  }
  return <Suspense fallback={waiting}>{session.data.setup_needed ? <SetupPage /> : <LoginPage />}</Suspense>
}
