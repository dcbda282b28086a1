// The journal of runs: what stands still first, each with the button that helps.
import { Button, SegmentedControl } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EmptyState, ErrorState, Loading } from '@/components/States'
import { Count } from '@/components/Tag'
import { flowsQuery, runsQuery } from '../api'
import type { RunState } from '../types'
import { RunDrawer } from './RunDrawer'
import { RunRow } from './RunRow'
import classes from './Runs.module.css'

const STATES: RunState[] = ['stuck', 'failed', 'open', 'done']

export function RunsPanel({ botId, flowId }: { botId: string; flowId?: string }) {
  const { t } = useTranslation('flowtries')
  const [chosen, setState] = useState<RunState | null>(null)
  const [opened, setOpened] = useState<string | null>(null)
  const stuck = useInfiniteQuery(runsQuery(botId, 'stuck'))
  const failed = useInfiniteQuery(runsQuery(botId, 'failed'))
  const { data: names } = useQuery({
    ...flowsQuery(botId),
    select: ({ items }) => new Map(items.map((flow) => [flow.id, flow.name])),
  })
  const mine = (query: typeof stuck) =>
    (query.data?.pages ?? []).flatMap((page) => page.items).filter((run) => !flowId || run.flow === flowId)
  const counts: Partial<Record<RunState, number>> = { stuck: mine(stuck).length, failed: mine(failed).length }
  // What needs a look is shown first; when nothing does, what goes on.
  const state = chosen ?? (counts.stuck ? 'stuck' : counts.failed ? 'failed' : 'open')
  const query = useInfiniteQuery(runsQuery(botId, state))
  const runs = mine(query)
  return (
    <section className={classes.panel} aria-label={t('runs.title')}>
      <SegmentedControl
        size="xs"
        fullWidth
        value={state}
        onChange={(value) => setState(value as RunState)}
        aria-label={t('runs.which')}
        data={STATES.map((value) => ({
          value,
          label: (
            <span className={classes.state}>
              {t(`runs.${value}`)}
              {(counts[value] ?? 0) > 0 && <Count value={counts[value] ?? 0} tone="attention" />}
            </span>
          ),
        }))}
      />
      {query.isPending ? (
        <Loading shape="list" count={4} />
      ) : query.isError && runs.length === 0 ? (
        <ErrorState compact error={query.error} retry={() => void query.refetch()} />
      ) : (
        <>
          {runs.length === 0 && !query.hasNextPage && (
            <EmptyState
              compact
              picture={state === 'open' || state === 'done' ? 'inbox' : 'done'}
              title={t(`runs.empty_${state}`)}
            />
          )}
          <ul className={classes.list}>
            {runs.map((run) => (
              <RunRow
                key={run.id}
                run={run}
                state={state}
                {...(flowId ? {} : { flow: names?.get(run.flow) ?? '' })}
                onOpen={() => setOpened(run.id)}
                onStarted={setOpened}
              />
            ))}
          </ul>
          {query.hasNextPage && (
            <Button
              variant="default"
              size="compact-sm"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {t('runs.more')}
            </Button>
          )}
        </>
      )}
      <RunDrawer runId={opened} onClose={() => setOpened(null)} />
    </section>
  )
}
