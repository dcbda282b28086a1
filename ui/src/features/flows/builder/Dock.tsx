// Beside the canvas: the chosen step, or trying out, tests, versions, runs, problems. On a phone it covers all.
import { Drawer } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading } from '@/components/States'
import type { PathStop } from '../canvas/marks'
import type { Coverage, Finding, Flow, FlowSummary, Kind, Step } from '../types'
import classes from './Builder.module.css'
import { DockFrame } from './Parts'
import type { Side } from './Toolbar'

const StepPanel = lazy(() => import('../panel/StepPanel').then((m) => ({ default: m.StepPanel })))
const Simulator = lazy(() => import('../simulator/Simulator').then((m) => ({ default: m.Simulator })))
const TestsPanel = lazy(() => import('../tests/TestsPanel').then((m) => ({ default: m.TestsPanel })))
const VersionsPanel = lazy(() => import('../versions/VersionsPanel').then((m) => ({ default: m.VersionsPanel })))
const CompareDialog = lazy(() => import('../versions/CompareDialog').then((m) => ({ default: m.CompareDialog })))
const RunsPanel = lazy(() => import('../runs/RunsPanel').then((m) => ({ default: m.RunsPanel })))

export type DockProps = {
  botId: string
  flow: Flow
  kinds: Kind[]
  kind: Kind | undefined
  flows: FlowSummary[]
  findings: Finding[]
  /** The step whose settings are open. */
  step: Step | null
  side: Side | null
  problems: ReactNode
  narrow: boolean
  onSide: (side: Side | null) => void
  onStep: (step: Step) => void
  onCloseStep: () => void
  onPath: (path: PathStop[]) => void
  onCoverage: (coverage: Coverage | null) => void
}

export function Dock(props: DockProps) {
  const { t } = useTranslation('flows')
  const { step, side, narrow } = props
  const [compared, setCompared] = useState<{ from: string; to: string } | null>(null)
  const sideView = side && <SideView {...props} side={side} onCompare={(from, to) => setCompared({ from, to })} />
  const panel = step && (
    <Suspense fallback={<Loading shape="form" count={4} />}>
      <StepPanel
        flow={props.flow}
        step={step}
        kind={props.kind}
        kinds={props.kinds}
        findings={props.findings}
        flows={props.flows}
        onChange={props.onStep}
        onClose={props.onCloseStep}
      />
    </Suspense>
  )
  const compare = compared && (
    <Suspense fallback={null}>
      <CompareDialog botId={props.botId} {...compared} onClose={() => setCompared(null)} />
    </Suspense>
  )
  if (narrow)
    return (
      <>
        {sideView && (
          <div className={classes.cover} data-behind={step ? '' : undefined}>
            {sideView}
          </div>
        )}
        <Drawer
          opened={step !== null}
          onClose={props.onCloseStep}
          position="bottom"
          size="92%"
          withCloseButton={false}
          padding={0}
          attributes={{ content: { 'aria-label': t('panel') } }}
          styles={{ body: { blockSize: '100%' }, content: { display: 'flex', flexDirection: 'column' } }}
        >
          {panel}
        </Drawer>
        {compare}
      </>
    )
  return (
    <>
      {sideView && (
        <aside className={classes.dock} data-behind={step ? '' : undefined} aria-label={t(`sides.${side}`)}>
          {sideView}
        </aside>
      )}
      {panel && (
        <aside className={classes.dock} data-panel aria-label={t('panel')}>
          {panel}
        </aside>
      )}
      {compare}
    </>
  )
}

function SideView(props: DockProps & { side: Side; onCompare: (from: string, to: string) => void }) {
  const { t } = useTranslation('flows')
  const { side, botId, flow, onSide } = props
  const close = () => onSide(null)
  const fallback = <Loading shape="list" count={4} />
  if (side === 'problems') return props.problems
  if (side === 'try')
    return (
      <Suspense fallback={fallback}>
        <Simulator botId={botId} flow={flow} kinds={props.kinds} onPath={props.onPath} onClose={close} />
      </Suspense>
    )
  return (
    <DockFrame title={t(`sides.${side}`)} onClose={close}>
      <Suspense fallback={fallback}>
        {side === 'tests' && (
          <TestsPanel botId={botId} flowId={flow.id} onCoverage={props.onCoverage} onOpenScript={() => onSide('try')} />
        )}
        {side === 'versions' && <VersionsPanel botId={botId} onCompare={props.onCompare} />}
        {side === 'runs' && <RunsPanel botId={botId} flowId={flow.id} />}
      </Suspense>
    </DockFrame>
  )
}
