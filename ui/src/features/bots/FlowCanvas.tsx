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
  type ReactFlowInstance,
} from '@xyflow/react'
import { useMemo, useRef } from 'react'
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

const READABLE = 0.85
const EDGE = 40

/** A flow that can be read as a whole is shown as a whole; a larger one from its beginning, and one scrolls on. */
export function firstView(nodes: Node<Face>[], width: number, height: number) {
  const across = nodes.map((node) => node.position.x)
  const down = nodes.map((node) => node.position.y)
  const [x, y] = [Math.min(...across), Math.min(...down)]
  const [w, h] = [Math.max(...across) + CARD.width - x, Math.max(...down) + CARD.height - y]
  const whole = Math.min((width - 2 * EDGE) / w, (height - 2 * EDGE) / h, 1)
  const zoom = Math.max(whole, READABLE)
  const start = nodes.find((node) => node.data.kind === 'start') ?? nodes[0]
  const wide = w * zoom > width - 2 * EDGE
  const middle = wide && start ? start.position.x + CARD.width / 2 : x + w / 2
  return { zoom, x: width / 2 - middle * zoom, y: (whole < READABLE ? EDGE / 2 : (height - h * zoom) / 2) - y * zoom }
}

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
  const frame = useRef<HTMLElement>(null)
  const begin = (canvas: ReactFlowInstance<Node<Face>>) => {
    const { width = 0, height = 0 } = frame.current?.getBoundingClientRect() ?? {}
    void canvas.setViewport(firstView(nodes, width, height))
  }
  return (
    <section ref={frame} className={classes.canvas} dir="ltr" aria-label={t('canvas')}>
      <ReactFlow
        key={narrow ? 'narrow' : 'wide'}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={scheme}
        onInit={begin}
        panOnScroll
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
