// Settings, This computer: whether it is kept awake, and whether the program starts with it.
import { Switch } from '@mantine/core'
import {
  IconAlertTriangle,
  IconBattery2,
  IconCircleCheck,
  IconHourglass,
  IconMoon,
  type TablerIcon,
} from '@tabler/icons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { get, put } from '@/api/client'
import type { AwakeState, Computer } from '@/api/types'
import { tellError } from '@/components/notice'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import { Loading, QueryView } from '@/components/States'
import classes from '../Settings.module.css'

const ICONS: Record<AwakeState, TablerIcon> = {
  off: IconMoon,
  asking: IconHourglass,
  kept: IconCircleCheck,
  on_battery: IconBattery2,
  impossible: IconAlertTriangle,
}

const computerQuery = queryOptions({
  queryKey: ['computer'],
  queryFn: ({ signal }) => get<Computer>('/computer', undefined, signal),
  // Plugs, the system's own settings and the icon beside the clock tell nobody.
  refetchInterval: ({ state }) => (state.data?.keep_awake.state === 'asking' ? 1_500 : 5_000),
})

export function ComputerSettings() {
  const { t } = useTranslation('computer')
  const query = useQuery(computerQuery)
  return (
    <Page size="narrow">
      <PageHeader title={t('title')} lead={t('lead')} />
      <QueryView query={query} loading={<Loading shape="form" count={2} />}>
        {(computer) => (
          <>
            <KeepAwake keep={computer.keep_awake} />
            <Starting starts={computer.starts} />
          </>
        )}
      </QueryView>
    </Page>
  )
}

/** A switch that shows what was just asked for until the program has answered. */
function useSwitch(path: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (on: boolean) => put<Computer>(path, { on }),
    onMutate: () => queries.cancelQueries({ queryKey: computerQuery.queryKey }),
    onSuccess: (computer) => queries.setQueryData(computerQuery.queryKey, computer),
    onError: (error) => {
      tellError(error)
      void queries.invalidateQueries({ queryKey: computerQuery.queryKey })
    },
  })
}

function KeepAwake({ keep }: { keep: Computer['keep_awake'] }) {
  const { t } = useTranslation('computer')
  const turn = useSwitch('/computer/keep-awake')
  const state = turn.isPending && turn.variables ? 'asking' : keep.state
  const Icon = ICONS[state]
  return (
    <Panel title={t('sleepTitle')}>
      <div className={classes.stack}>
        <Switch
          label={t('keepAwake')}
          aria-label={t('keepAwake')}
          description={t('keepAwakeHint')}
          checked={turn.isPending ? turn.variables : keep.on}
          disabled={turn.isPending}
          onChange={(event) => turn.mutate(event.currentTarget.checked)}
        />
        <p className={classes.state} role="status" data-state={state}>
          <Icon size={20} stroke={1.6} aria-hidden />
          <span>{state === 'impossible' ? keep.why : t(`state.${state}`)}</span>
        </p>
      </div>
    </Panel>
  )
}

function Starting({ starts }: { starts: Computer['starts'] }) {
  const { t } = useTranslation('computer')
  const turn = useSwitch('/computer/autostart')
  return (
    <Panel title={t('startTitle')}>
      {starts.by === 'program' ? (
        <Switch
          label={t('start')}
          aria-label={t('start')}
          description={t('startHint')}
          checked={turn.isPending ? turn.variables : starts.on}
          disabled={turn.isPending}
          onChange={(event) => turn.mutate(event.currentTarget.checked)}
        />
      ) : (
        <p className={classes.note}>{t(`startedBy.${starts.by}`)}</p>
      )}
    </Panel>
  )
}
