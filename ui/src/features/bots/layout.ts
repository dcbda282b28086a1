// Where the steps stand: as stored where that is readable, else laid out from top to bottom.
import dagre from '@dagrejs/dagre'
import type { Edge, Step } from './types'

export const CARD = { width: 248, height: 112 }
const GAP = { across: 40, down: 64 }

export type Placed = Map<string, { x: number; y: number }>

/** Stored places are used when every step has its own and no two cards cover each other. */
export function readable(steps: Step[]): boolean {
  return steps.every((step, i) => {
    const here = step.position
    if (!here) return false
    return steps.every((other, j) => {
      const there = other.position
      if (i >= j || !there) return true
      return Math.abs(here.x - there.x) >= CARD.width + 8 || Math.abs(here.y - there.y) >= CARD.height + 8
    })
  })
}

export function layOut(steps: Step[], edges: Edge[]): Placed {
  const graph = new dagre.graphlib.Graph({ multigraph: true })
  graph.setGraph({ rankdir: 'TB', nodesep: GAP.across, ranksep: GAP.down })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const step of steps) graph.setNode(step.id, { ...CARD })
  const known = new Set(steps.map((step) => step.id))
  edges.forEach((edge, i) => {
    if (known.has(edge.from) && known.has(edge.to)) graph.setEdge(edge.from, edge.to, {}, String(i))
  })
  dagre.layout(graph)
  return new Map(
    steps.map((step) => {
      const { x, y } = graph.node(step.id) as { x: number; y: number }
      return [step.id, { x: x - CARD.width / 2, y: y - CARD.height / 2 }]
    }),
  )
}

/** On a narrow screen always from top to bottom, since one scrolls that way. */
export function place(steps: Step[], edges: Edge[], narrow: boolean): Placed {
  if (!narrow && readable(steps)) return new Map(steps.map((step) => [step.id, step.position ?? { x: 0, y: 0 }]))
  return layOut(steps, edges)
}

/** The steps in the order in which a customer meets them; those that nothing leads to come last. */
export function walk(steps: Step[], edges: Edge[]): Step[] {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const seen = new Set<string>()
  const out: Step[] = []
  const begin = [...steps].sort((a, b) => Number(b.kind === 'start') - Number(a.kind === 'start'))
  for (const root of begin) {
    const waiting = [root]
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      if (seen.has(step.id)) continue
      seen.add(step.id)
      out.push(step)
      for (const edge of edges) {
        const next = edge.from === step.id ? byId.get(edge.to) : undefined
        if (next && !seen.has(next.id)) waiting.push(next)
      }
    }
  }
  return out
}

/** Whether most ways lead sideways rather than down, so that lines leave at the right edge of a card. */
export function sideways(placed: Placed, edges: Edge[]): boolean {
  let across = 0
  for (const { from, to } of edges) {
    const [a, b] = [placed.get(from), placed.get(to)]
    if (a && b) across += Math.abs(b.x - a.x) - CARD.width > Math.abs(b.y - a.y) - CARD.height ? 1 : -1
  }
  return across > 0
}
