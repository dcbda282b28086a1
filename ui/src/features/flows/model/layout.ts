// Where steps stand: laid out from left to right, or the nearest free place.
import dagre from '@dagrejs/dagre'
import type { Edge, Flow, Kind } from '../types'
import { around, type Box, boxOf, CARD, heightOf, overlap } from './card'
import type { Point } from './editing'
import { NOTE } from './ways'

const GAP = { across: 72, between: 36 }
const MANY = 200

/** New places for the steps of `ids`, or for all. Notes stay where they are. */
export function arrange(flow: Flow, kinds: ReadonlyMap<string, Kind>, ids?: ReadonlySet<string>): Map<string, Point> {
  const steps = flow.steps.filter((step) => step.kind !== NOTE && (!ids || ids.has(step.id)))
  const known = new Set(steps.map((step) => step.id))
  const graph = new dagre.graphlib.Graph({ multigraph: true })
  // The better way of ranking takes too long for very large flows.
  const ranker = steps.length > MANY ? 'longest-path' : 'network-simplex'
  graph.setGraph({ rankdir: 'LR', nodesep: GAP.between, ranksep: GAP.across, ranker })
  graph.setDefaultEdgeLabel(() => ({}))
  // Beginnings first, so that they come to stand at the left.
  for (const step of [...steps].sort((a, b) => Number(kinds.get(b.kind)?.entry) - Number(kinds.get(a.kind)?.entry)))
    graph.setNode(step.id, { width: CARD.width, height: heightOf(step, kinds.get(step.kind), flow.edges) })
  flow.edges.forEach((edge, i) => {
    if (known.has(edge.from) && known.has(edge.to)) graph.setEdge(edge.from, edge.to, {}, String(i))
  })
  dagre.layout(graph)
  const places = new Map<string, Point>()
  for (const step of steps) {
    const { x, y, width, height } = graph.node(step.id) as Box
    places.set(step.id, { x: x - width / 2, y: y - height / 2 })
  }
  fold(places, new Map(steps.map((step) => [step.id, heightOf(step, kinds.get(step.kind), flow.edges)])))
  // The whole stays where it was: what was its corner is its corner again.
  const corner = (list: Point[]) => ({ x: Math.min(...list.map((p) => p.x)), y: Math.min(...list.map((p) => p.y)) })
  if (ids && steps.length > 0) {
    const [old, now] = [corner(steps.map((step) => step.position)), corner([...places.values()])]
    for (const [id, place] of places) places.set(id, { x: place.x - now.x + old.x, y: place.y - now.y + old.y })
  }
  return places
}

const LONGEST_ROW = 16
const ROW = 12

/** A flow of very many steps in a row goes on in a new line, as words do. */
function fold(places: Map<string, Point>, heights: ReadonlyMap<string, number>) {
  const columns = [...new Set([...places.values()].map((place) => Math.round(place.x)))].sort((a, b) => a - b)
  if (columns.length <= LONGEST_ROW) return
  const columnOf = new Map(columns.map((x, i) => [x, i]))
  const rows: { id: string; place: Point; column: number }[][] = []
  for (const [id, place] of places) {
    const column = columnOf.get(Math.round(place.x)) ?? 0
    const row = Math.floor(column / ROW)
    rows[row] ??= []
    rows[row].push({ id, place, column })
  }
  let top = 0
  for (const row of rows) {
    if (!row) continue
    const first = Math.min(...row.map((one) => one.place.y))
    const last = Math.max(...row.map((one) => one.place.y + (heights.get(one.id) ?? 0)))
    for (const { id, place, column } of row)
      places.set(id, { x: (column % ROW) * (CARD.width + GAP.across), y: place.y - first + top })
    top += last - first + 2 * GAP.between
  }
}

/** Whether cards cover each other, as in flows that no person has laid out. */
export function covered(flow: Flow, kinds: ReadonlyMap<string, Kind>): boolean {
  const boxes = flow.steps.map((step) => boxOf(step, kinds.get(step.kind), flow.edges)).sort((a, b) => a.x - b.x)
  return boxes.some((a, i) => {
    for (let j = i + 1; j < boxes.length; j++) {
      const b = boxes[j]
      if (!b || b.x > a.x + a.width) return false
      if (overlap(a, b)) return true
    }
    return false
  })
}

/** Whether the flow was drawn from top to bottom, as older versions did. */
export function downwards(flow: Flow): boolean {
  const at = new Map(flow.steps.map((step) => [step.id, step.position]))
  let down = 0
  for (const { from, to } of flow.edges) {
    const [a, b] = [at.get(from), at.get(to)]
    if (a && b) down += Math.abs(b.y - a.y) > Math.abs(b.x - a.x) ? 1 : -1
  }
  return down > 0
}

/** The place nearest to `wish` where a card of this height covers nothing. */
export function freePlace(flow: Flow, kinds: ReadonlyMap<string, Kind>, wish: Point, height: number): Point {
  const boxes = flow.steps.map((step) => boxOf(step, kinds.get(step.kind), flow.edges))
  const free = (at: Point) => !boxes.some((box) => overlap({ ...at, width: CARD.width, height }, box, 16))
  for (let ring = 0; ring < 60; ring++) {
    for (const side of ring === 0 ? [0] : [1, -1]) {
      const at = { x: wish.x, y: wish.y + side * ring * 40 }
      if (free(at)) return at
    }
  }
  return wish
}

/** The place nearest under or over `wish` where these cards, kept in their order, cover nothing. */
export function clearOf(flow: Flow, kinds: ReadonlyMap<string, Kind>, cards: Box[], wish: Point): Point {
  const others = flow.steps.map((step) => boxOf(step, kinds.get(step.kind), flow.edges))
  const corner = around(cards)
  for (let ring = 0; ring < 80; ring++) {
    for (const side of ring === 0 ? [0] : [1, -1]) {
      const y = wish.y + side * ring * 40
      const moved = cards.map((box) => ({ ...box, x: box.x - corner.x + wish.x, y: box.y - corner.y + y }))
      if (!moved.some((box) => others.some((other) => overlap(box, other, 16)))) return { x: wish.x, y }
    }
  }
  return wish
}

/** Where a step goes that is added after another: to its right. */
export function placeAfter(flow: Flow, kinds: ReadonlyMap<string, Kind>, from: string, height: number): Point {
  const step = flow.steps.find((one) => one.id === from)
  const at = step?.position ?? { x: 0, y: 0 }
  return freePlace(flow, kinds, { x: at.x + CARD.width + GAP.across, y: at.y }, height)
}

/** Where a step goes that is laid onto a way; what stands further on makes room when there is none. */
export function placeOn(
  flow: Flow,
  kinds: ReadonlyMap<string, Kind>,
  edge: Edge,
  height: number,
): { at: Point; moved: Map<string, Point> } {
  const [from, to] = [edge.from, edge.to].map((id) => flow.steps.find((step) => step.id === id)?.position)
  const moved = new Map<string, Point>()
  if (!from || !to) return { at: { x: 0, y: 0 }, moved }
  const need = CARD.width + GAP.across
  const free = to.x - from.x - CARD.width
  // A way that leads back has all the room it needs somewhere around its middle.
  if (free < 0 || free >= need + GAP.across) {
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
    return { at: freePlace(flow, kinds, middle, height), moved }
  }
  for (const step of flow.steps)
    if (step.position.x >= to.x - 1) moved.set(step.id, { x: step.position.x + need, y: step.position.y })
  return { at: { x: from.x + need, y: (from.y + to.y) / 2 }, moved }
}
