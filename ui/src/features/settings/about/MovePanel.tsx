// Everything into one file for another computer: a passphrase, how far it is, and the file to fetch.
import { Button, Modal, PasswordInput, Progress } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconDownload, IconPackageExport } from '@tabler/icons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { del, get, post } from '@/api/client'
import type { MoveState } from '@/api/types'
import { errorText } from '@/components/errorText'
import { tellError } from '@/components/notice'
import { Panel } from '@/components/Panel'
import { useFormat } from '@/components/useFormat'
import classes from '../Settings.module.css'

const SHORTEST = 10

const moveQuery = queryOptions({
  queryKey: ['move', 'export'],
  queryFn: ({ signal }) => get<MoveState>('/move/export', undefined, signal),
  refetchInterval: ({ state }) => (state.data?.phase === 'working' ? 700 : false),
})

export function MovePanel() {
  const { t } = useTranslation('moving')
  const queries = useQueryClient()
  const { data: move } = useQuery(moveQuery)
  const [asking, setAsking] = useState(false)
  const stop = useMutation({
    mutationFn: () => del('/move/export'),
    onSettled: () => queries.invalidateQueries({ queryKey: moveQuery.queryKey }),
    onError: tellError,
  })
  return (
    <Panel title={t('title')} lead={t('lead')} id="move">
      <div className={classes.stack}>
        {move?.phase === 'working' && <Working move={move} stop={() => stop.mutate()} />}
        {move?.phase === 'done' && move.file_name && <Ready move={move} discard={() => stop.mutate()} />}
        {move?.phase === 'failed' && (
          <p className={classes.note} role="alert">
            {t('failed')}. {move.problem}
          </p>
        )}
        {move?.phase !== 'working' && !move?.file_name && (
          <div>
            <Button
              variant="default"
              leftSection={<IconPackageExport size={16} />}
              disabled={!move}
              onClick={() => setAsking(true)}
            >
              {t('make')}
            </Button>
          </div>
        )}
      </div>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t('make')}>
        <AskPassphrase onDone={() => setAsking(false)} />
      </Modal>
    </Panel>
  )
}

function Working({ move, stop }: { move: MoveState; stop: () => void }) {
  const { t } = useTranslation('moving')
  const percent = move.total_bytes > 0 ? Math.floor((move.done_bytes / move.total_bytes) * 100) : 0
  return (
    <>
      <p className={classes.note} aria-live="polite">
        {t('making')}: {t('share', { percent })}. {t('goesOn')}
      </p>
      <Progress value={percent} aria-label={t('making')} />
      <div>
        <Button variant="default" onClick={stop}>
          {t('cancel')}
        </Button>
      </div>
    </>
  )
}

function Ready({ move, discard }: { move: MoveState; discard: () => void }) {
  const { t } = useTranslation('moving')
  const { bytes } = useFormat()
  return (
    <>
      <p className={classes.note} role="status">
        <strong>{t('ready')}</strong>. {t('readyText', { name: move.file_name, size: bytes(move.size_bytes ?? 0) })}
      </p>
      <p className={classes.note}>{t('next')}</p>
      <div className={classes.inline}>
        <Button
          leftSection={<IconDownload size={16} />}
          renderRoot={(props) => <a {...props} href="/api/move/export/file" download={move.file_name ?? true} />}
        >
          {t('download')}
        </Button>
        <Button variant="default" onClick={discard}>
          {t('discard')}
        </Button>
      </div>
    </>
  )
}

function AskPassphrase({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('moving')
  const queries = useQueryClient()
  const form = useForm({
    initialValues: { passphrase: '', again: '' },
    validate: {
      passphrase: (value) => ([...value].length >= SHORTEST ? null : t('short')),
      again: (value, { passphrase }) => (value === passphrase ? null : t('differs')),
    },
  })
  const begin = useMutation({
    mutationFn: (passphrase: string) => post<MoveState>('/move/export', { passphrase }),
    onSuccess: (state) => {
      queries.setQueryData(moveQuery.queryKey, state)
      onDone()
    },
  })
  return (
    <form className={classes.stack} onSubmit={form.onSubmit(({ passphrase }) => begin.mutate(passphrase))} noValidate>
      <PasswordInput
        label={t('passphrase')}
        description={t('passphraseHint')}
        autoComplete="new-password"
        data-autofocus
        {...form.getInputProps('passphrase')}
      />
      <PasswordInput label={t('again')} autoComplete="new-password" {...form.getInputProps('again')} />
      {begin.isError && (
        <p className={classes.note} role="alert">
          {errorText(begin.error)}
        </p>
      )}
      <div>
        <Button type="submit" loading={begin.isPending}>
          {t('begin')}
        </Button>
      </div>
    </form>
  )
}
