// The tests of a flow: what it has to answer, where it first did not, and how much of the flow they walk.
import { Button, Progress, Switch } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { useFormat } from '@/components/useFormat'
import { openScript } from '../simulator/store'
import type { Coverage, Simulation } from '../types'
import { useLeaving } from './leaving'
import { TestRow } from './TestRow'
import classes from './Tests.module.css'
import { useTestRun } from './useTestRun'

export function TestsPanel({
  botId,
  flowId,
  onCoverage,
  onOpenScript,
}: {
  botId: string
  flowId: string
  /** What the canvas lights up; null when it shows nothing of this. */
  onCoverage: (coverage: Coverage | null) => void
  /** The script lies in the simulator of this flow already; it only has to be opened. */
  onOpenScript: (script: Simulation) => void
}) {
  const { t } = useTranslation('flowtries')
  const { tests, run } = useTestRun(botId, flowId)
  const leaving = useLeaving()
  const [shown, setShown] = useState(false)
  const tell = useRef(onCoverage)
  tell.current = onCoverage
  const coverage = run.data?.coverage ?? null
  useEffect(() => {
    tell.current(shown ? coverage : null)
  }, [shown, coverage])
  useEffect(
    () => () => {
      tell.current(null)
    },
    [],
  )
  const results = new Map(run.data?.results.map((result) => [result.id, result]))
  return (
    <section className={classes.panel} aria-label={t('tests.title')}>
      <QueryView query={tests} loading={<Loading shape="list" count={3} />}>
        {(all) => {
          const list = all.filter((test) => !leaving.has(test.id))
          if (list.length === 0)
            return <EmptyState compact picture="done" title={t('tests.emptyTitle')} text={t('tests.emptyText')} />
          const failed = list.filter((test) => (results.get(test.id) ?? test.last)?.passed === false).length
          return (
            <>
              <div className={classes.head}>
                <p className={classes.sum} role="status">
                  {run.isFetching
                    ? t('tests.running')
                    : failed > 0
                      ? t('tests.failed', { count: failed })
                      : t('tests.passed', { count: list.length })}
                </p>
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<IconPlayerPlay size={16} stroke={1.6} />}
                  loading={run.isFetching}
                  onClick={() => void run.refetch()}
                >
                  {t('tests.run')}
                </Button>
              </div>
              {run.isError && (
                <p className={classes.failed} role="alert">
                  {errorText(run.error)}
                </p>
              )}
              <ul className={classes.list}>
                {list.map((test) => (
                  <TestRow
                    key={test.id}
                    botId={botId}
                    flowId={flowId}
                    test={test}
                    result={results.get(test.id) ?? test.last ?? null}
                    onAccepted={() => void run.refetch()}
                    onOpen={() => {
                      openScript(flowId, test.script)
                      onOpenScript(test.script)
                    }}
                  />
                ))}
              </ul>
              {coverage && <CoverageLine coverage={coverage} shown={shown} onShow={setShown} />}
            </>
          )
        }}
      </QueryView>
    </section>
  )
}

function CoverageLine({
  coverage,
  shown,
  onShow,
}: {
  coverage: Coverage
  shown: boolean
  onShow: (shown: boolean) => void
}) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const parts = [
    ['steps', coverage.steps.length, coverage.of_steps],
    ['ways', coverage.branches.length, coverage.of_branches],
  ] as const
  return (
    <div className={classes.coverage}>
      <h3 className={classes.coverageTitle}>{t('tests.coverage')}</h3>
      {parts.map(([name, of, all]) => (
        <div key={name}>
          <p className={classes.small}>{t(`tests.${name}`, { of: format.number(of), all: format.number(all) })}</p>
          <Progress value={all === 0 ? 0 : (100 * of) / all} aria-label={t(`tests.${name}`, { of, all })} />
        </div>
      ))}
      <Switch
        size="sm"
        label={t('tests.show')}
        checked={shown}
        onChange={(event) => onShow(event.currentTarget.checked)}
      />
    </div>
  )
}
