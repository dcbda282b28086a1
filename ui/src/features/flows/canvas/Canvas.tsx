// The drawing that one works on. Moving steps happens here alone; everything else is told to the editor.
import '@xyflow/react/dist/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { Background, BackgroundVariant, Controls, MarkerType, ReactFlow, SelectionMode, useStore } from '@xyflow/react'
import { type Ref, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Point } from '../model/editing'
import { type Editor, useEditor } from '../model/editor'
import type { Edge, Finding, Kind } from '../types'
import classes from './Canvas.module.css'
import { CanvasDeeds, type Deeds } from './context'
import { type CanvasNode, Drawing, type WayEdge as WayEdgeOf, type Words } from './drawing'
import type { Marks } from './marks'
import { FrameNode, NoteNode } from './NoteNode'
import { SmallMap } from './SmallMap'
import { StepNode } from './StepNode'
import { useCanvasKeys } from './useCanvasKeys'
import { useChanges } from './useChanges'
import { type CanvasControl, type Instance, useControl } from './useControl'
import { useDropping } from './useDropping'
import { useJoining } from './useJoining'
import { firstView } from './view'
import { WayEdge } from './WayEdge'

const nodeTypes = { step: StepNode, note: NoteNode, frame: FrameNode }
const edgeTypes = { way: WayEdge }
const edgeDefaults = {
  // As large on ways that much traffic makes thick.
  markerEnd: { type: MarkerType.ArrowClosed, width: 20, height: 20, markerUnits: 'userSpaceOnUse' },
}
const grid: [number, number] = [10, 10]
const several = ['Shift', 'Meta', 'Control']
const FAR = 0.5

export type CanvasProps = {
  editor: Editor
  kinds: ReadonlyMap<string, Kind>
  findings: ReadonlyMap<string, Finding[]>
  marks: Marks
  words: Words
  minimap: boolean
  control: Ref<CanvasControl>
  deeds: Deeds
  /** A step was clicked or Enter was pressed. */
  onOpen: (step: string, byKey: boolean) => void
  /** Asks for a step to stand at `at`, reached by `from`. */
  onAdd: (at: Point | null, from: { step: string; branch: string } | null) => void
  onDropKind: (kind: string, at: Point, onto: Edge | null) => void
  onKey: (key: string) => void
}

export default function Canvas(props: CanvasProps) {
  const { editor, kinds, findings, marks, words, deeds, onOpen, onAdd, onDropKind } = props
  const { t } = useTranslation('flows')
  const scheme = useComputedColorScheme('light')
  const { history, selected, edge } = useEditor(editor)
  const flow = history.now
  const [dragged, setDragged] = useState<ReadonlyMap<string, Point> | null>(null)
  const [drawing] = useState(() => new Drawing())
  const scene = { flow, kinds, findings, marks, selected, edge, dragged, words }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scene is made of exactly these
  const nodes = useMemo(() => drawing.nodes(scene), [flow, kinds, findings, marks, selected, dragged, words])
  // biome-ignore lint/correctness/useExhaustiveDependencies: dragging does not change what the ways are
  const edges = useMemo(() => drawing.edges(scene), [flow, marks, edge])
  const frame = useRef<HTMLElement>(null)
  const canvas = useRef<Instance | null>(null)

  const focus = useControl(props.control, editor, kinds, frame, canvas)
  const { onNodesChange, onEdgesChange } = useChanges(editor, dragged, setDragged, nodes)
  const joining = useJoining(editor, kinds, canvas, onAdd)
  const dropping = useDropping(editor, frame, canvas, onDropKind)
  const onKeyDown = useCanvasKeys(editor, kinds, props.onKey, (step) => onOpen(step, true))

  const only = selected.size === 1 ? [...selected][0] : undefined
  const said = only ? nodes.find((node) => node.id === only)?.ariaLabel : undefined
  return (
    <CanvasDeeds value={deeds}>
      <section ref={frame} className={classes.canvas} dir="ltr">
        <ReactFlow<CanvasNode, WayEdgeOf>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          defaultEdgeOptions={edgeDefaults}
          colorMode={scheme}
          onInit={(instance) => {
            canvas.current = instance
            const { width = 0, height = 0 } = frame.current?.getBoundingClientRect() ?? {}
            void instance.setViewport(firstView(editor.flow, kinds, width, height))
          }}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          {...joining}
          onNodeClick={(event, node) => {
            focus()
            if (node.type !== 'frame' && !event.shiftKey && !event.ctrlKey && !event.metaKey) onOpen(node.id, false)
          }}
          onPaneClick={(event) => {
            focus()
            editor.select([])
            if (event.detail === 2 && canvas.current)
              onAdd(canvas.current.screenToFlowPosition({ x: event.clientX, y: event.clientY }), null)
          }}
          onMoveStart={() => frame.current?.setAttribute('data-moving', '')}
          onMoveEnd={() => frame.current?.removeAttribute('data-moving')}
          {...dropping}
          onKeyDown={onKeyDown}
          tabIndex={0}
          aria-label={t('canvasLabel', { name: flow.name, count: flow.steps.length })}
          onlyRenderVisibleElements
          disableKeyboardA11y
          nodesFocusable={false}
          edgesFocusable={false}
          deleteKeyCode={null}
          multiSelectionKeyCode={several}
          selectionMode={SelectionMode.Partial}
          snapToGrid
          snapGrid={grid}
          nodeDragThreshold={4}
          connectionRadius={36}
          panOnScroll
          zoomOnDoubleClick={false}
          minZoom={0.1}
          maxZoom={1.6}
          elevateNodesOnSelect={false}
          attributionPosition="bottom-center"
        >
          <Far frame={frame} />
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
          <Controls showInteractive={false} aria-label={t('zoom')} />
          {props.minimap && flow.steps.length > 0 && <SmallMap {...{ flow, kinds, findings, marks, scheme }} />}
        </ReactFlow>
        <p className={classes.hidden} aria-live="polite">
          {said ?? (selected.size > 1 ? t('chosen', { count: selected.size }) : '')}
        </p>
      </section>
    </CanvasDeeds>
  )
}

/** Says on the frame whether one looks from far away, without drawing anything anew. */
function Far({ frame }: { frame: { current: HTMLElement | null } }) {
  useStore((store) => {
    const far = store.transform[2] < FAR
    if (frame.current && frame.current.hasAttribute('data-far') !== far) frame.current.toggleAttribute('data-far', far)
    return far
  })
  return null
}
