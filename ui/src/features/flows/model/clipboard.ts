// Steps on the clipboard: as text that says what it is, so that they travel between flows, bots and computers.
import type { Edge, Flow, Group, Kind, Step } from '../types'
import { type Point, shortId } from './editing'

const MARK = 'botflow-steps'
const MOST_LETTERS = 2_000_000
const MOST_STEPS = 2_000

export type Copied = { steps: Step[]; edges: Edge[]; groups: Group[] }

export function copy(flow: Flow, ids: ReadonlySet<string>): Copied {
  const steps = flow.steps.filter((step) => ids.has(step.id))
  const used = new Set(steps.map((step) => step.group))
  return {
    steps,
    edges: flow.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    groups: flow.groups.filter((group) => used.has(group.id)),
  }
}

export const toText = (copied: Copied) => JSON.stringify({ [MARK]: 2, ...copied })

const record = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.map(record).filter((one) => one !== null) : []

/** What somebody's clipboard holds; null when it is something else. Foreign text is never trusted. */
export function fromText(text: string): Copied | null {
  if (!text.includes(MARK) || text.length > MOST_LETTERS) return null
  let whole: Record<string, unknown> | null
  try {
    whole = record(JSON.parse(text))
  } catch {
    return null
  }
  if (!whole || !(MARK in whole)) return null
  const steps = list(whole.steps).flatMap((one): Step[] => {
    const place = record(one.position)
    if (typeof one.id !== 'string' || typeof one.kind !== 'string') return []
    const { x, y } = { x: Number(place?.x), y: Number(place?.y) }
    return [
      {
        ...(one as Partial<Step>),
        id: one.id,
        kind: one.kind,
        position: Number.isFinite(x) && Number.isFinite(y) ? { x, y } : { x: 0, y: 0 },
        fields: record(one.fields) ?? {},
      },
    ]
  })
  if (steps.length === 0 || steps.length > MOST_STEPS) return null
  const text3 = (one: Record<string, unknown>, names: string[]) => names.every((name) => typeof one[name] === 'string')
  return {
    steps,
    edges: list(whole.edges).filter((one) => text3(one, ['from', 'branch', 'to'])) as Edge[],
    groups: list(whole.groups).filter((one) => text3(one, ['id', 'title'])) as Group[],
  }
}

/** The steps as new ones: own ids, own frames, and what pointed at one of them points at its copy. */
export function paste(
  flow: Flow,
  copied: Copied,
  at: Point,
  kinds: ReadonlyMap<string, Kind>,
): { flow: Flow; ids: string[] } {
  const ids = new Map(copied.steps.map((step) => [step.id, shortId()]))
  const groups = new Map(copied.groups.map((group) => [group.id, shortId()]))
  const left = Math.min(...copied.steps.map((step) => step.position.x))
  const top = Math.min(...copied.steps.map((step) => step.position.y))
  const steps = copied.steps.map((step): Step => {
    const { group, ...rest } = step
    const frame = group && groups.get(group)
    return {
      ...rest,
      id: ids.get(step.id) ?? shortId(),
      position: { x: Math.round(step.position.x - left + at.x), y: Math.round(step.position.y - top + at.y) },
      fields: repoint(structuredClone(step.fields), kinds.get(step.kind), ids),
      ...(frame ? { group: frame } : {}),
    }
  })
  const edges = copied.edges.flatMap((edge): Edge[] => {
    const [from, to] = [ids.get(edge.from), ids.get(edge.to)]
    return from && to ? [{ from, branch: edge.branch, to }] : []
  })
  return {
    flow: {
      ...flow,
      steps: [...flow.steps, ...steps],
      edges: [...flow.edges, ...edges],
      groups: [...flow.groups, ...copied.groups.map((group) => ({ ...group, id: groups.get(group.id) ?? shortId() }))],
    },
    ids: steps.map((step) => step.id),
  }
}

function repoint(fields: Record<string, unknown>, kind: Kind | undefined, ids: Map<string, string>) {
  for (const field of kind?.fields ?? []) {
    const target = fields[field.name]
    if (field.input.input === 'step' && typeof target === 'string') fields[field.name] = ids.get(target) ?? target
  }
  return fields
}

/** Browsers on a plain local network have no clipboard for programs; this one is shared by the windows of this one. */
const KEPT = 'botflow.steps'
export function keep(text: string) {
  try {
    localStorage.setItem(KEPT, text)
  } catch {
    // A full store: the browser's clipboard still has it.
  }
}
export function kept(): string {
  try {
    return localStorage.getItem(KEPT) ?? ''
  } catch {
    return ''
  }
}
