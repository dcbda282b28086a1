// Theme, words, data and addresses around everything; who is not signed in sees the door.
import { DirectionProvider, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { whenUnauthorized } from '@/api/client'
import { listen } from '@/api/events'
import { businessQuery, newQueryClient, sessionQuery } from '@/api/queries'
import type { SessionInfo } from '@/api/types'
import { Door } from '@/features/session'
import { directionOf } from '@/i18n'
import { brand } from '@/lib/brand'
import { router } from './router'
import { makeTheme, resolveVariables } from './theme'

const queries = newQueryClient()
whenUnauthorized(() => {
  queries.setQueryData<SessionInfo>(sessionQuery.queryKey, (session) =>
    session ? { ...session, user: null } : session,
  )
})

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Look />
    </QueryClientProvider>
  )
}

function Look() {
  const { i18n } = useTranslation()
  const direction = directionOf(i18n.language)
  const session = useQuery(sessionQuery)
  const signedIn = Boolean(session.data?.user)
  const { data: business } = useQuery({ ...businessQuery, enabled: signedIn })
  const accent = business?.accent ?? brand.accent
  const theme = useMemo(() => makeTheme(accent), [accent])
  const variables = useMemo(() => resolveVariables(accent), [accent])
  useEffect(() => {
    document.documentElement.lang = i18n.language
    document.documentElement.dir = direction
  }, [i18n.language, direction])
  useEffect(() => (signedIn ? listen(queries) : undefined), [signedIn])
  return (
    <DirectionProvider key={direction} initialDirection={direction} detectDirection={false}>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <Notifications position="bottom-center" limit={4} />
        {signedIn ? <RouterProvider router={router} /> : <Door session={session} />}
      </MantineProvider>
    </DirectionProvider>
  )
}
