// A fresh program takes over the file that was made on another computer: file, passphrase, how far it is, then signing in.
import { Button, FileInput, PasswordInput, Progress } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconFileImport } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { del, get, upload } from '@/api/client'
import { sessionQuery } from '@/api/queries'
import type { MoveState, SessionInfo } from '@/api/types'
import { errorText } from '@/components/errorText'
import { tellError } from '@/components/notice'
import classes from './Door.module.css'
import { DoorFrame } from './DoorFrame'

const IMPORT = ['move', 'import']

type Values = { file: File | null; passphrase: string }

export function MoveIn({ back }: { back: () => void }) {
  const { t } = useTranslation('moving')
  const queries = useQueryClient()
  const [sent, setSent] = useState(0)
  const form = useForm<Values>({
    initialValues: { file: null, passphrase: '' },
    validate: {
      file: (value) => (value ? null : t('needFile')),
      passphrase: (value) => (value ? null : t('needPassphrase')),
    },
  })
  const take = useMutation({
    mutationFn: ({ file, passphrase }: Values) => {
      const body = new FormData()
      // First, so that a wrong one is told before the whole file has come.
      body.append('passphrase', passphrase)
      if (file) body.append('file', file, file.name)
      return upload<MoveState>('/move/import', body, setSent)
    },
    onMutate: () => setSent(0),
    // An earlier try may have left its end there.
    onSuccess: (state) => queries.setQueryData(IMPORT, state),
  })
  const stop = useMutation({ mutationFn: () => del('/move/import'), onError: tellError })
  const move = useUnpacking(take.isSuccess)
  const failed = isOver(move)
  const busy = take.isPending || (take.isSuccess && !failed)
  const why = move?.phase === 'none' ? t('interrupted') : (move?.problem ?? '')
  const problem = take.isError ? errorText(take.error) : failed ? `${t('notTaken')}. ${why}` : null
  return (
    <DoorFrame title={t('inTitle')} lead={t('inLead')}>
      <form className={classes.fields} onSubmit={form.onSubmit((values) => take.mutate(values))} noValidate>
        <FileInput
          label={t('file')}
          placeholder={t('choose')}
          leftSection={<IconFileImport size={16} aria-hidden />}
          disabled={busy}
          {...form.getInputProps('file')}
        />
        <PasswordInput
          label={t('thatPassphrase')}
          autoComplete="off"
          disabled={busy}
          {...form.getInputProps('passphrase')}
        />
        {problem && (
          <p className={classes.error} role="alert">
            {problem}
          </p>
        )}
        {busy ? (
          <Going sent={take.isPending ? sent : null} move={move} stop={() => stop.mutate()} />
        ) : (
          <>
            <Button type="submit" size="md">
              {t('takeIn')}
            </Button>
            <Button variant="subtle" onClick={back}>
              {t('fresh')}
            </Button>
          </>
        )}
      </form>
    </DoorFrame>
  )
}

function Going({ sent, move, stop }: { sent: number | null; move: MoveState | undefined; stop: () => void }) {
  const { t } = useTranslation('moving')
  const finishing = sent === null && move !== undefined && move.phase !== 'working'
  const unpacked = move && move.total_bytes > 0 ? move.done_bytes / move.total_bytes : 0
  const share = finishing ? 1 : (sent ?? unpacked)
  const words = finishing ? t('finishing') : t(sent !== null ? 'reading' : 'unpacking')
  return (
    <>
      <p className={classes.note} aria-live="polite">
        {words}
      </p>
      <Progress value={share * 100} animated={finishing} aria-label={words} />
      {!finishing && (
        <Button variant="default" onClick={stop}>
          {t('cancel')}
        </Button>
      )}
    </>
  )
}

/** It came to nothing. A program that knows of no file and has no owner yet was ended before it had everything. */
const isOver = (move: MoveState | undefined) =>
  move !== undefined && ['failed', 'cancelled', 'none'].includes(move.phase)

/** Watches the unpacking; once the program has begun anew with what came, the session says that there is an owner. */
function useUnpacking(active: boolean): MoveState | undefined {
  const queries = useQueryClient()
  const { data } = useQuery({
    queryKey: IMPORT,
    enabled: active,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const state = await get<MoveState>('/move/import', undefined, signal)
      if (state.phase === 'none') {
        const session = await get<SessionInfo>('/session', undefined, signal)
        if (!session.setup_needed) {
          queries.setQueryData(sessionQuery.queryKey, session)
          return { ...state, phase: 'done' as const }
        }
      }
      return state
    },
    // While the program begins anew nothing answers for a moment.
    retry: false,
    refetchInterval: ({ state }) => (isOver(state.data) ? false : 700),
  })
  return active ? data : undefined
}
