// Newer versions of the program: what runs, what is there, how far it is, and how the last one went.
import { Button, Progress, Switch } from '@mantine/core'
import { IconDownload, IconRefresh } from '@tabler/icons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useId, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { del, get, post, put } from '@/api/client'
import type { LastUpdate, UpdateState } from '@/api/types'
import { tellError } from '@/components/notice'
import { Panel } from '@/components/Panel'
import { useFormat } from '@/components/useFormat'
import classes from '../Settings.module.css'

const updatesQuery = queryOptions({
  queryKey: ['updates'],
  queryFn: ({ signal }) => get<UpdateState>('/updates', undefined, signal),
  // While the program is away for a moment, what was known stays on the page.
  refetchInterval: ({ state }) => (state.data && state.data.phase !== 'none' ? 700 : false),
})

export function UpdatePanel() {
  const { t } = useTranslation('settings')
  const { ago } = useFormat()
  const queries = useQueryClient()
  const { data: state } = useQuery(updatesQuery)
  const began = useRef<string>(undefined)
  const version = state?.version
  useEffect(() => {
    // This page came from the version before, and speaks its language.
    if (version && began.current && began.current !== version) location.reload()
    began.current ??= version
  }, [version])
  const keep = {
    onSuccess: (told: UpdateState) => queries.setQueryData(updatesQuery.queryKey, told),
    onError: tellError,
  }
  const look = useMutation({ mutationFn: () => post<UpdateState>('/updates/check'), ...keep })
  const install = useMutation({ mutationFn: () => post<UpdateState>('/updates/install'), ...keep })
  const choose = useMutation({
    mutationFn: (by_itself: boolean) => put<UpdateState>('/updates', { by_itself }),
    ...keep,
  })
  const stop = useMutation({
    mutationFn: () => del('/updates/install'),
    onSettled: () => queries.invalidateQueries({ queryKey: updatesQuery.queryKey }),
    onError: tellError,
  })
  if (!state) return null
  const checked = state.checked_at
  const running =
    checked && !state.newer && !state.problem
      ? t('about.updates.newest', { version, when: ago(checked) })
      : t('about.updates.running', { version })
  return (
    <Panel title={t('about.updates.title')} lead={running} id="updates">
      <div className={classes.stack}>
        {state.last && <Last last={state.last} />}
        {state.problem && (
          <p className={classes.note} role="alert">
            {state.phase === 'none' && <strong>{t('about.updates.failed')} </strong>}
            {state.problem}
          </p>
        )}
        {!state.enabled && <p className={classes.note}>{t('about.updates.byHand')}</p>}
        {state.newer && state.phase === 'none' && (
          <Newer newer={state.newer} install={() => install.mutate()} busy={install.isPending} />
        )}
        {state.phase === 'downloading' || state.phase === 'waiting' || state.phase === 'restarting' ? (
          <UnderWay state={state} stop={() => stop.mutate()} />
        ) : (
          state.enabled && (
            <div>
              <Button
                variant="default"
                leftSection={<IconRefresh size={16} />}
                loading={look.isPending || state.phase === 'looking'}
                onClick={() => look.mutate()}
              >
                {t('about.updates.look')}
              </Button>
            </div>
          )
        )}
        {state.enabled && (
          <Switch
            label={t('about.updates.byItself')}
            description={t('about.updates.byItselfHint')}
            checked={state.by_itself}
            disabled={choose.isPending}
            onChange={(event) => choose.mutate(event.currentTarget.checked)}
          />
        )}
      </div>
    </Panel>
  )
}

function Last({ last }: { last: LastUpdate }) {
  const { t } = useTranslation('settings')
  const { ago } = useFormat()
  const { version, from, worked, why } = last
  const words = { version, from, why, when: ago(last.at) }
  return (
    <p className={classes.note} role="status">
      {t(worked ? 'about.updates.worked' : 'about.updates.wentBack', words)}
    </p>
  )
}

function Newer({
  newer,
  install,
  busy,
}: {
  newer: NonNullable<UpdateState['newer']>
  install: () => void
  busy: boolean
}) {
  const { t } = useTranslation('settings')
  const { day, bytes } = useFormat()
  const notes = useId()
  return (
    <>
      <p className={classes.note}>
        <strong>{t('about.updates.there', { version: newer.version })}.</strong>{' '}
        {newer.has_failed && t('about.updates.hasFailed')}{' '}
        {t('about.updates.thereText', { when: day(newer.published_at), size: bytes(newer.bytes) })}
      </p>
      {newer.notes && (
        <section aria-labelledby={notes}>
          <p className={classes.note} id={notes}>
            <strong>{t('about.updates.notes')}</strong>
          </p>
          <p className={classes.note} dir="auto" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {newer.notes}
          </p>
        </section>
      )}
      <div>
        <Button leftSection={<IconDownload size={16} />} loading={busy} onClick={install}>
          {t(newer.has_failed ? 'about.updates.again' : 'about.updates.install')}
        </Button>
      </div>
    </>
  )
}

function UnderWay({ state, stop }: { state: UpdateState; stop: () => void }) {
  const { t } = useTranslation('settings')
  const { phase, newer, done_bytes: done, total_bytes: total } = state
  const percent = total > 0 ? Math.floor((done / total) * 100) : 0
  const title = t('about.updates.downloading', { version: newer?.version })
  return (
    <>
      <p className={classes.note} aria-live="polite">
        {phase === 'downloading'
          ? `${title}: ${t('about.updates.share', { percent })}. ${t('about.updates.goesOn')}`
          : t(phase === 'waiting' ? 'about.updates.waiting' : 'about.updates.restarting')}
      </p>
      {phase === 'downloading' && <Progress value={percent} aria-label={title} />}
      {phase !== 'restarting' && (
        <div>
          <Button variant="default" onClick={stop}>
            {t('about.updates.cancel')}
          </Button>
        </div>
      )}
    </>
  )
}
