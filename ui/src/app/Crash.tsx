// A part of the page that failed; the rest goes on.
import { Button } from '@mantine/core'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '@/components/States'

/** After an update the old page asks for parts that are gone. */
function isStale(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|Importing a module script failed/i.test(error.message)
}

export function Crash({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation()
  const router = useRouter()
  const stale = isStale(error)
  return (
    <EmptyState
      picture="broken"
      title={t('crashTitle')}
      text={t(stale ? 'newVersion' : 'crashText')}
      action={
        <Button
          onClick={() => {
            if (stale) return location.reload()
            reset()
            void router.invalidate()
          }}
        >
          {t('reload')}
        </Button>
      }
    />
  )
}
