// The flow as the canvas draws it. What did not change stays the same object, so that only what changed is drawn anew.
import { type Edge as CanvasEdge, type Node, type NodeHandle, Position } from '@xyflow/react'
import { around, type Box, CARD, headY, heightOf, placesOf, rowY } from '../model/card'
import { edgeId, type Point } from '../model/editing'
import { NOTE, outOf, shownWays, type Way } from '../model/ways'
import type { Edge, Finding, Flow, Group, Kind, Step } from '../types'
import { type Marks, type StepMark, type WayMark, wayKey } from './marks'

export type StepData = {
  step: Step
  kind: Kind | undefined
  title: string
  says: string
  /** The way that leaves beside the name. */
  head: string | null
  rows: { branch: string; title: string }[]
  findings: Finding[]
  mark: StepMark | undefined
  overlay: Marks['kind']
}
export type FrameData = { group: Group }
export type StepNode = Node<StepData, 'step' | 'note'>
export type FrameNode = Node<FrameData, 'frame'>
export type CanvasNode = StepNode | FrameNode
export type WayEdge = CanvasEdge<{ edge: Edge; mark: WayMark | undefined; overlay: Marks['kind'] }, 'way'>

export const frameId = (group: string) => `frame:${group}`
export const groupOf = (id: string) => (id.startsWith('frame:') ? id.slice(6) : null)
const FRAME = { side: 20, top: 44, bottom: 20 }
const NO_FINDINGS: Finding[] = []

export type Scene = {
  flow: Flow
  kinds: ReadonlyMap<string, Kind>
  findings: ReadonlyMap<string, Finding[]>
  marks: Marks
  selected: ReadonlySet<string>
  edge: string | null
  /** Where steps are while they are dragged. */
  dragged: ReadonlyMap<string, Point> | null
  words: Words
}

/** How things are called; a new object only when the language changes. */
export type Words = {
  titleOf: (step: Step, kind: Kind | undefined) => string
  faceOf: (step: Step, kind: Kind | undefined) => string
  wayTitle: (way: Way) => string
}

type Kept = { node: StepNode; edges: Edge[] | undefined; words: Words; height: number; open: boolean }

/** One for each canvas: remembers what it drew last. */
export class Drawing {
  private steps = new Map<string, Kept>()
  private frames = new Map<string, FrameNode>()
  private ways = new Map<string, WayEdge>()

  nodes(scene: Scene): CanvasNode[] {
    const steps = new Map<string, Kept>()
    const boxes = new Map<string, Box[]>()
    const out = outOf(scene.flow.edges)
    for (const step of scene.flow.steps) {
      const kept = this.step(scene, step, out.get(step.id))
      steps.set(step.id, kept)
      if (step.group) {
        const box = { ...kept.node.position, width: CARD.width, height: kept.height }
        const own = boxes.get(step.group)
        if (own) own.push(box)
        else boxes.set(step.group, [box])
      }
    }
    this.steps = steps
    const frames = new Map<string, FrameNode>()
    for (const group of scene.flow.groups) {
      const inside = boxes.get(group.id)
      if (inside) frames.set(group.id, this.frame(group, around(inside)))
    }
    this.frames = frames
    // Frames lie under the steps.
    return [...frames.values(), ...[...steps.values()].map((kept) => kept.node)]
  }

  private step(scene: Scene, step: Step, edges: Edge[] | undefined): Kept {
    const old = this.steps.get(step.id)
    const kind = scene.kinds.get(step.kind)
    const findings = scene.findings.get(step.id) ?? NO_FINDINGS
    const mark = scene.marks.steps.get(step.id)
    const selected = scene.selected.has(step.id)
    const position = scene.dragged?.get(step.id) ?? step.position
    const was = old?.node
    const same =
      old !== undefined &&
      was !== undefined &&
      old.edges === edges &&
      old.words === scene.words &&
      was.data.step === step &&
      was.data.kind === kind &&
      was.data.findings === findings &&
      was.data.mark === mark &&
      was.data.overlay === scene.marks.kind
    // A single chosen step shows all its ways; over its neighbours, which stay where they are.
    const open = selected && scene.selected.size === 1
    if (same && old.open !== open) return this.drawn(scene, step, edges, open)
    if (same && was.selected === selected && was.position.x === position.x && was.position.y === position.y) return old
    if (same) return { ...old, node: { ...was, selected, position } }
    return this.drawn(scene, step, edges, open)
  }

  private drawn(scene: Scene, step: Step, edges: Edge[] | undefined, open: boolean): Kept {
    const kind = scene.kinds.get(step.kind)
    const position = scene.dragged?.get(step.id) ?? step.position
    const height = heightOf(step, kind, scene.flow.edges, open)
    const ways = shownWays(step, kind, scene.flow.edges, open)
    const { head, rows } = placesOf(ways)
    const title = scene.words.titleOf(step, kind)
    const says = scene.words.faceOf(step, kind)
    const node: StepNode = {
      id: step.id,
      type: step.kind === NOTE ? 'note' : 'step',
      position,
      selected: scene.selected.has(step.id),
      zIndex: open ? 5 : 0,
      width: CARD.width,
      height,
      measured: { width: CARD.width, height },
      handles: handlesOf(head, rows, kind),
      ariaLabel: `${title}. ${says}`,
      data: {
        step,
        kind,
        title,
        says,
        head: head?.branch ?? null,
        rows: rows.map((way) => ({ branch: way.branch, title: scene.words.wayTitle(way) })),
        findings: scene.findings.get(step.id) ?? NO_FINDINGS,
        mark: scene.marks.steps.get(step.id),
        overlay: scene.marks.kind,
      },
    }
    return { node, edges, words: scene.words, height, open }
  }

  private frame(group: Group, box: Box): FrameNode {
    const old = this.frames.get(group.id)
    const position = { x: box.x - FRAME.side, y: box.y - FRAME.top }
    const width = box.width + 2 * FRAME.side
    const height = box.height + FRAME.top + FRAME.bottom
    if (
      old &&
      old.data.group === group &&
      old.position.x === position.x &&
      old.position.y === position.y &&
      old.width === width &&
      old.height === height
    )
      return old
    return {
      id: frameId(group.id),
      type: 'frame',
      position,
      width,
      height,
      measured: { width, height },
      handles: [],
      zIndex: -1,
      selectable: false,
      connectable: false,
      dragHandle: '.frame-handle',
      data: old?.data.group === group ? old.data : { group },
    }
  }

  edges(scene: Scene): WayEdge[] {
    const ways = new Map<string, WayEdge>()
    const there = new Set(scene.flow.steps.map((step) => step.id))
    for (const edge of scene.flow.edges) {
      if (!there.has(edge.from) || !there.has(edge.to)) continue
      const id = edgeId(edge)
      const old = this.ways.get(id)
      const mark = scene.marks.ways.get(wayKey(edge.from, edge.branch))
      const selected = scene.edge === id
      const same = old?.data?.edge === edge && old.data.mark === mark && old.data.overlay === scene.marks.kind
      ways.set(
        id,
        old && same && old.selected === selected
          ? old
          : {
              id,
              type: 'way',
              source: edge.from,
              sourceHandle: edge.branch,
              target: edge.to,
              selected,
              data: { edge, mark, overlay: scene.marks.kind },
            },
      )
    }
    this.ways = ways
    return [...ways.values()]
  }
}

function handlesOf(head: Way | null, rows: Way[], kind: Kind | undefined): NodeHandle[] {
  const out = (way: Way, y: number): NodeHandle => ({
    type: 'source',
    id: way.branch,
    position: Position.Right,
    x: CARD.width,
    y,
    width: 1,
    height: 1,
  })
  const handles = rows.map((way, i) => out(way, rowY(i)))
  if (head) handles.push(out(head, headY))
  if (!kind?.entry) handles.push({ type: 'target', position: Position.Left, x: 0, y: headY, width: 1, height: 1 })
  return handles
}
