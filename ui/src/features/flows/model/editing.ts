// Every change to a flow, as functions from flow to flow. What did not change stays the same object.
import { newId } from '@/lib/id'
import type { Edge, Flow, Kind, Step } from '../types'
import { NOTE, waysOf } from './ways'

export type Point = { x: number; y: number }

export const shortId = () => newId().replaceAll('-', '').slice(0, 12)
export const round = ({ x, y }: Point): Point => ({ x: Math.round(x), y: Math.round(y) })

export function newStep(kind: Kind, position: Point): Step {
  return { id: shortId(), kind: kind.name, position: round(position), fields: structuredClone(kind.defaults) }
}

export function addStep(flow: Flow, step: Step, from?: { step: string; branch: string }): Flow {
  const added = { ...flow, steps: [...flow.steps, step] }
  return from ? connect(added, { from: from.step, branch: from.branch, to: step.id }) : added
}

/** Lays a step between two: the way leads to it, and its first own way leads on. */
export function insertOnEdge(flow: Flow, step: Step, edge: Edge, kind: Kind | undefined): Flow {
  const on = waysOf(step, kind)[0]
  const edges = flow.edges.flatMap((one) => {
    if (!sameEdge(one, edge)) return [one]
    const first = { ...one, to: step.id }
    return on ? [first, { from: step.id, branch: on.branch, to: one.to }] : [first]
  })
  return { ...flow, steps: [...flow.steps, step], edges }
}

export const sameEdge = (a: Edge, b: Edge) => a.from === b.from && a.branch === b.branch && a.to === b.to
export const edgeId = (edge: Edge) => `${edge.from}|${edge.branch}|${edge.to}`

/** A way leads to one step; drawn anew, it leads there instead. */
export function connect(flow: Flow, edge: Edge): Flow {
  if (flow.edges.some((one) => sameEdge(one, edge))) return flow
  const others = flow.edges.filter((one) => one.from !== edge.from || one.branch !== edge.branch)
  return { ...flow, edges: [...others, edge] }
}

export function disconnect(flow: Flow, edges: Edge[]): Flow {
  const left = flow.edges.filter((one) => !edges.some((edge) => sameEdge(one, edge)))
  return left.length === flow.edges.length ? flow : { ...flow, edges: left }
}

/** Takes steps out. Where one stood in a row of plain steps, its neighbours are joined. */
export function removeSteps(flow: Flow, ids: ReadonlySet<string>): Flow {
  let edges = flow.edges
  for (const step of flow.steps) {
    if (!ids.has(step.id)) continue
    const own = edges.filter((edge) => edge.from === step.id)
    const on = own.length === 1 && own[0]?.branch === 'next' ? own[0] : undefined
    edges = edges.flatMap((edge) => {
      if (edge.from === step.id) return []
      if (edge.to !== step.id) return [edge]
      return on && on.to !== edge.from && on.to !== step.id ? [{ ...edge, to: on.to }] : []
    })
  }
  const steps = flow.steps.filter((step) => !ids.has(step.id))
  return tidyGroups({ ...flow, steps, edges: edges.filter((edge) => !ids.has(edge.from) && !ids.has(edge.to)) })
}

export function replaceStep(flow: Flow, step: Step, kinds: ReadonlyMap<string, Kind>): Flow {
  const steps = flow.steps.map((one) => (one.id === step.id ? step : one))
  // Ways of choices that were deleted go with them.
  const kind = kinds.get(step.kind)
  const known = kind ? new Set(waysOf(step, kind).map((way) => way.branch)) : null
  const edges = known ? flow.edges.filter((edge) => edge.from !== step.id || known.has(edge.branch)) : flow.edges
  return { ...flow, steps, edges: edges.length === flow.edges.length ? flow.edges : edges }
}

export function moveSteps(flow: Flow, places: ReadonlyMap<string, Point>): Flow {
  let moved = false
  const steps = flow.steps.map((step) => {
    const place = places.get(step.id)
    if (!place) return step
    const position = round(place)
    if (position.x === step.position.x && position.y === step.position.y) return step
    moved = true
    return { ...step, position }
  })
  return moved ? { ...flow, steps } : flow
}

/** Puts a frame around the steps; those that had another one leave it. */
export function group(flow: Flow, ids: ReadonlySet<string>, title: string): Flow {
  const made = { id: shortId(), title }
  const steps = flow.steps.map((step) => (ids.has(step.id) ? { ...step, group: made.id } : step))
  return tidyGroups({ ...flow, steps, groups: [...flow.groups, made] })
}

export function ungroup(flow: Flow, ids: ReadonlySet<string>): Flow {
  const steps = flow.steps.map((step) => (ids.has(step.id) ? withoutGroup(step) : step))
  return tidyGroups({ ...flow, steps })
}

export function renameGroup(flow: Flow, id: string, title: string): Flow {
  return { ...flow, groups: flow.groups.map((one) => (one.id === id ? { ...one, title } : one)) }
}

function withoutGroup({ group: _, ...step }: Step): Step {
  return step
}

/** Frames around nothing vanish. */
function tidyGroups(flow: Flow): Flow {
  const used = new Set(flow.steps.map((step) => step.group))
  const groups = flow.groups.filter((one) => used.has(one.id))
  return groups.length === flow.groups.length ? flow : { ...flow, groups }
}

/** What lies beside its inputs: steps that may be pointed at. */
export const pointable = (flow: Flow, kinds: ReadonlyMap<string, Kind>) =>
  flow.steps.filter((step) => step.kind !== NOTE && !kinds.get(step.kind)?.entry)
