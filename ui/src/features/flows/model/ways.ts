// The ways that lead out of a step, and what may lead where.
import type { Edge, Flow, Kind, Step } from '../types'

export type Way = {
  branch: string
  title: string
  needed: boolean
  /** Why it is there: as declared, for an item of a list, or for a failure. */
  from: 'kind' | 'item' | 'failure'
}

export const NOTE = 'comment'
const FAILED = 'failed'
const NEXT = 'next'

type Item = { id?: unknown; title?: unknown; name?: unknown }

/** In the order in which the step shows them: its items first, then the fixed ones. */
export function waysOf(step: Step, kind: Kind | undefined): Way[] {
  if (!kind) return []
  const ways: Way[] = []
  const items = kind.branches_from ? step.fields[kind.branches_from] : undefined
  if (Array.isArray(items)) {
    for (const item of items as Item[]) {
      if (typeof item?.id !== 'string' || ways.some((way) => way.branch === item.id)) continue
      const title = [item.title, item.name].find((words) => typeof words === 'string' && words.trim())
      ways.push({ branch: item.id, title: typeof title === 'string' ? title : '', needed: true, from: 'item' })
    }
  }
  for (const { name, title, needed } of kind.branches) {
    if (ways.some((way) => way.branch === name)) continue
    ways.push({ branch: name, title, needed, from: kind.outside && name === FAILED ? 'failure' : 'kind' })
  }
  if (step.failure?.then === 'branch' && !ways.some((way) => way.branch === FAILED))
    ways.push({ branch: FAILED, title: '', needed: true, from: 'failure' })
  return ways
}

const indexes = new WeakMap<Edge[], Map<string, Edge[]>>()

/** The edges by the step that they leave; counted once for each list. */
export function outOf(edges: Edge[]): ReadonlyMap<string, Edge[]> {
  let index = indexes.get(edges)
  if (!index) {
    index = new Map()
    for (const edge of edges) {
      const own = index.get(edge.from)
      if (own) own.push(edge)
      else index.set(edge.from, [edge])
    }
    indexes.set(edges, index)
  }
  return index
}

/** The ways by which a flow goes on by itself: up to `next`, or all where there is none. The rest are for what may happen. */
function mainWays(ways: Way[]): Way[] {
  const next = ways.findIndex((way) => way.branch === NEXT)
  return ways.slice(0, next < 0 ? undefined : next + 1).filter((way) => way.from !== 'failure')
}

/** Those that the card shows; `all` also those for what may happen, which need not lead anywhere. */
export function shownWays(step: Step, kind: Kind | undefined, edges: Edge[], all = false): Way[] {
  const drawn = new Set(
    outOf(edges)
      .get(step.id)
      ?.map((edge) => edge.branch),
  )
  const known = waysOf(step, kind)
  const main = new Set(mainWays(known))
  const ways = known.filter((way) => {
    if (drawn.has(way.branch)) return true
    // Nothing said means: that way, where there is one.
    if (way.from === 'failure') return step.failure ? step.failure.then === 'branch' : all
    return all || way.needed || main.has(way)
  })
  // What is drawn stays visible, even when the list that it came from lost the item.
  for (const branch of drawn)
    if (!ways.some((way) => way.branch === branch)) ways.push({ branch, title: branch, needed: false, from: 'kind' })
  return ways
}

/** The way that leaves beside the name of the step: `next`, where it is the only one that goes on. */
export function headWay(ways: Way[]): Way | null {
  const [first, ...others] = ways
  return first?.branch === NEXT && first.from === 'kind' && !others.some((way) => way.needed) ? first : null
}

export type Refusal = 'itself' | 'entry' | 'note' | 'noWay' | 'gone'

/** Why this way may not lead there; null when it may. */
export function refusal(
  flow: Flow,
  kinds: ReadonlyMap<string, Kind>,
  from: string,
  branch: string,
  to: string,
): Refusal | null {
  const [a, b] = [flow.steps.find((step) => step.id === from), flow.steps.find((step) => step.id === to)]
  if (!a || !b) return 'gone'
  if (from === to) return 'itself'
  if (a.kind === NOTE || b.kind === NOTE) return 'note'
  if (kinds.get(b.kind)?.entry) return 'entry'
  const kind = kinds.get(a.kind)
  if (kind && !waysOf(a, kind).some((way) => way.branch === branch)) return 'noWay'
  return null
}

/** The first way that goes on by itself and leads nowhere yet; a step that is added after this one takes it. */
export function freeWay(flow: Flow, step: Step, kind: Kind | undefined): string | null {
  const taken = new Set(
    outOf(flow.edges)
      .get(step.id)
      ?.map((edge) => edge.branch),
  )
  const ways = waysOf(step, kind)
  const main = mainWays(ways)
  // Where every choice has its own way, none for any other choice is needed.
  const single = main.filter((way) => way.branch !== NEXT || way.needed || main.length === 1)
  const wished = [...(single.length > 0 ? single : main), ...ways.filter((way) => way.needed)]
  return wished.find((way) => !taken.has(way.branch))?.branch ?? null
}
