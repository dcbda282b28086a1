// WhatsApp in seven numbered steps, each with a check that goes green by itself.
import { Button } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '@/api/client'
import type { Channel, Check, CheckId, Checks } from '@/api/types'
import { tellError } from '@/components/notice'
import { Loading, QueryView } from '@/components/States'
import { Steps } from '@/components/Steps'
import classes from './Channels.module.css'
import { useChannelPatch } from './useChannelPatch'
import { AddressStep, AppStep, MessageStep, NumberStep, SecretStep, TokenStep, WebhookStep } from './WhatsappStepBodies'

const ORDER: CheckId[] = ['app', 'secret', 'token', 'number', 'address', 'webhook', 'message']

export function WhatsappSteps({ channel }: { channel: Channel }) {
  const key = ['channels', channel.id, 'checks']
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => get<Checks>(`/channels/${channel.id}/checks`, undefined, signal),
    // The stream of changes tells too; this is for the case that it is cut.
    refetchInterval: 5_000,
  })
  return (
    <QueryView query={query} loading={<Loading shape="form" count={4} />}>
      {({ checks }) => <Wizard channel={channel} checks={checks} queryKey={key} />}
    </QueryView>
  )
}

function Wizard({ channel, checks, queryKey }: { channel: Channel; checks: Check[]; queryKey: string[] }) {
  const { t } = useTranslation('channels')
  const queries = useQueryClient()
  const patchChannel = useChannelPatch(channel.id)
  const byId = new Map(checks.map((check) => [check.id, check]))
  const stateOf = (id: CheckId) => byId.get(id)?.state ?? 'waiting'
  const firstOpen = ORDER.find((id) => stateOf(id) !== 'ok') ?? null
  const [open, setOpen] = useState<string | null>(firstOpen)
  // When the step in hand goes green, the next one opens.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the first open step changes
  useEffect(() => {
    setOpen((now) => (now !== null && byId.get(now as CheckId)?.state === 'ok' ? firstOpen : now))
  }, [firstOpen])

  const keep = (next: Checks) => queries.setQueryData(queryKey, next)
  const run = useMutation({
    mutationFn: (check: CheckId) => post<Checks>(`/channels/${channel.id}/checks/run`, { check }),
    onSuccess: keep,
    onError: tellError,
  })
  const subscribe = useMutation({
    mutationFn: () => post<Checks>(`/channels/${channel.id}/subscribe`),
    onSuccess: keep,
    onError: tellError,
  })
  /** Saves what was entered, then has it checked. Throws so that the field can say why. */
  const save = (check: CheckId) => async (change: Parameters<typeof patchChannel>[0]) => {
    await patchChannel(change)
    await run.mutateAsync(check)
  }
  const recheck = (id: CheckId) => (
    <Button variant="default" loading={run.isPending && run.variables === id} onClick={() => run.mutate(id)}>
      {t('checkNow')}
    </Button>
  )

  const bodies: Record<CheckId, ReactNode> = {
    app: <AppStep channel={channel} save={save('app')} />,
    secret: <SecretStep channel={channel} save={save('secret')} />,
    token: <TokenStep channel={channel} save={save('token')} />,
    number: <NumberStep channel={channel} save={save('number')} />,
    address: <AddressStep after={recheck('address')} />,
    webhook: (
      <WebhookStep
        channel={channel}
        ready={stateOf('address') === 'ok' || Boolean(channel.whatsapp?.webhook_url)}
        busy={subscribe.isPending}
        register={() => subscribe.mutate()}
        after={recheck('webhook')}
      />
    ),
    message: <MessageStep channel={channel} waiting={stateOf('message') !== 'ok'} />,
  }
  const done = ORDER.filter((id) => stateOf(id) === 'ok').length
  return (
    <div className={classes.stack}>
      {done === ORDER.length ? (
        <div className={classes.done} role="status">
          <IconCircleCheck size={24} stroke={1.6} aria-hidden />
          <span>{t('wa.allDone')}</span>
        </div>
      ) : (
        <p className={classes.note}>{t('wa.progress', { done, total: ORDER.length })}</p>
      )}
      <Steps
        open={open}
        onOpen={setOpen}
        items={ORDER.map((id) => ({
          id,
          title: t(`wa.${id}`),
          state: stateOf(id),
          stateLabel: t(`check.${stateOf(id)}`),
          sentence: byId.get(id)?.sentence ?? null,
          fix: byId.get(id)?.fix ?? null,
          children: bodies[id],
        }))}
      />
      {channel.state === 'draft' && done >= 6 && (
        <Button onClick={() => void patchChannel({ state: 'active' }).catch(tellError)}>{t('wa.turnOn')}</Button>
      )}
    </div>
  )
}
