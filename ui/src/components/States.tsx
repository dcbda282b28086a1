// What a view shows when it has nothing, waits, or failed.
import { Button, Skeleton } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from './errorText'
import { Picture, type PictureName } from './Picture'
import classes from './States.module.css'

/** One picture, one sentence, one button. */
export function EmptyState({
  picture,
  title,
  text,
  action,
  compact,
}: {
  picture: PictureName
  title: string
  text?: ReactNode
  action?: ReactNode
  compact?: boolean
}) {
  return (
    <div className={classes.empty} data-compact={compact || undefined}>
      <Picture name={picture} size={compact ? 112 : 168} />
      <h2 className={classes.title}>{title}</h2>
      {text && <p className={classes.text}>{text}</p>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  )
}

export function ErrorState({ error, retry, compact }: { error: unknown; retry?: () => void; compact?: boolean }) {
  const { t } = useTranslation()
  return (
    <div className={classes.empty} data-compact={compact || undefined} role="alert">
      {!compact && <Picture name="broken" size={144} />}
      <h2 className={classes.title}>{t('error.title')}</h2>
      <p className={classes.text}>{errorText(error)}</p>
      {retry && (
        <div className={classes.action}>
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={retry}>
            {t('retry')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** Waiting: says so to those who cannot see the grey shapes in it. */
export function Waiting({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div aria-busy="true">
      <span className={classes.hidden} role="status">
        {t('loading')}
      </span>
      {children}
    </div>
  )
}

/** Waiting, in the shape of what will come. */
export function Loading({ shape = 'list', count = 4 }: { shape?: 'list' | 'cards' | 'form' | 'text'; count?: number }) {
  const { t } = useTranslation()
  const keys = Array.from({ length: count }, (_, i) => i)
  return (
    <div aria-busy="true" className={classes.loading} data-shape={shape}>
      <span className={classes.hidden} role="status">
        {t('loading')}
      </span>
      {keys.map((i) =>
        shape === 'cards' ? (
          <Skeleton key={i} height={132} radius="md" />
        ) : shape === 'form' ? (
          <div key={i}>
            <Skeleton height={12} width={120} mb={8} />
            <Skeleton height={42} radius="md" />
          </div>
        ) : shape === 'text' ? (
          <Skeleton key={i} height={12} width={`${92 - ((i * 17) % 40)}%`} />
        ) : (
          <div key={i} className={classes.line}>
            <Skeleton height={36} circle />
            <div className={classes.grow}>
              <Skeleton height={12} width={`${30 + ((i * 13) % 30)}%`} mb={8} />
              <Skeleton height={10} width={`${60 + ((i * 17) % 30)}%`} />
            </div>
          </div>
        ),
      )}
    </div>
  )
}

/** Loading, error and data of one query. Old data stays on screen while a new try fails; the banner says so. */
export function QueryView<T>({
  query,
  loading,
  children,
}: {
  query: UseQueryResult<T>
  loading?: ReactNode
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />
  return <>{loading ?? <Loading />}</>
}
