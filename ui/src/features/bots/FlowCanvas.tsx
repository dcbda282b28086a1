// The flow as it is drawn: to look at, to walk through, not yet to change.
import '@xyflow/react/dist/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import {
  Background,
  BackgroundVariant,
  type Edge as CanvasEdge,
  Controls,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import classes from './Bots.module.css'
import { branchWord, titleOfStep, wordsOfStep } from './faces'
import { CARD, place, sideways } from './layout'
import { StepIcon } from './StepIcon'
import type { FlowView } from './types'

type Face = { kind: string; title: string; words: string; problem: string | null; sideways: boolean }

function StepCard({ data }: NodeProps<Node<Face>>) {
  return (
    <div
      className={classes.step}
      data-kind={data.kind}
      data-problem={data.problem ? '' : undefined}
      style={{ inlineSize: CARD.width }}
    >
      <Handle
        type="target"
        position={data.sideways ? Position.Left : Position.Top}
        isConnectable={false}
        className={classes.handle ?? ''}
      />
      <div className={classes.stepHead}>
        <span className={classes.stepIcon}>
          <StepIcon kind={data.kind} />
        </span>
        <span className={classes.stepTitle}>{data.title}</span>
      </div>
      <p className={classes.stepWords} dir="auto">
        {data.problem ?? data.words}
      </p>
      <Handle
        type="source"
        position={data.sideways ? Position.Right : Position.Bottom}
        isConnectable={false}
        className={classes.handle ?? ''}
      />
    </div>
  )
}

const nodeTypes = { step: StepCard }

export default function FlowCanvas({ view }: { view: FlowView }) {
  const { t } = useTranslation('bots')
  const format = useFormat()
  const scheme = useComputedColorScheme('light')
  const narrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false }) ?? false
  const { nodes, edges } = useMemo(() => {
    const { steps, edges: ways } = view.flow
    const places = place(steps, ways, narrow)
    const across = sideways(places, ways)
    const byId = new Map(steps.map((step) => [step.id, step]))
    const problems = new Map(view.findings.map((finding) => [finding.step ?? '', finding.message]))
    return {
      nodes: steps.map(
        (step): Node<Face> => ({
          id: step.id,
          type: 'step',
          position: places.get(step.id) ?? { x: 0, y: 0 },
          data: {
            kind: step.kind,
            title: titleOfStep(step, t),
            words: wordsOfStep(step, t, format),
            problem: problems.get(step.id) ?? null,
            sideways: across,
          },
          ariaLabel: `${titleOfStep(step, t)}. ${wordsOfStep(step, t, format)}`,
        }),
      ),
      edges: ways.map((way, i): CanvasEdge => {
        const word = branchWord(way, byId.get(way.from), t)
        return {
          id: `${way.from}-${way.branch}-${way.to}-${i}`,
          source: way.from,
          target: way.to,
          type: 'smoothstep',
          ...(word ? { label: word } : {}),
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
        }
      }),
    }
  }, [view, narrow, t, format])
  // On a phone the beginning stands at a readable size and one scrolls on; wide screens show the whole.
  const start = nodes.find((node) => node.data.kind === 'start')
  return (
    <section className={classes.canvas} dir="ltr" aria-label={t('canvas')}>
      <ReactFlow
        key={narrow ? 'narrow' : 'wide'}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={scheme}
        fitView
        fitViewOptions={{
          padding: narrow ? 0.08 : 0.12,
          minZoom: narrow ? 0.85 : 0.55,
          maxZoom: 1,
          ...(narrow && start ? { nodes: [{ id: start.id }] } : {}),
        }}
        minZoom={0.25}
        maxZoom={1.6}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        deleteKeyCode={null}
        preventScrolling
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} />
        <Controls showInteractive={false} aria-label={t('zoom')} />
      </ReactFlow>
    </section>
  )
}
