// Two states of a flow side by side: what changed in words, and as a drawing with both of them in it.

import { lengthText } from '../simulator/times'
import { valueText } from '../simulator/values'
import type { Change, Changes, Edge, Field, Flow, Kind, Step } from '../types'

type Words = (key: string, options?: Record<string, unknown>) => string
export type Piece = { text: string; state: 'same' | 'added' | 'removed' }

const MOST_WORDS = 300

/** What of a text went and what came, word by word; very long texts are shown as a whole. */
export function pieces(before: string, after: string): Piece[] {
  if (before === after) return before ? [{ text: before, state: 'same' }] : []
  const a = before.match(/\s+|[^\s]+/g) ?? []
  const b = after.match(/\s+|[^\s]+/g) ?? []
  const found: Piece[] = []
  const push = (text: string, state: Piece['state']) => {
    const last = found.at(-1)
    if (last?.state === state) last.text += text
    else if (text) found.push({ text, state })
  }
  if (a.length > MOST_WORDS || b.length > MOST_WORDS) {
    push(before, 'removed')
    push(after, 'added')
    return found
  }
  // Longest common run of words, from the end, so that it can be read off from the beginning.
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  const at = (i: number, j: number) => common[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = common[i]
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const [x = '', y = ''] = [a[i], b[j]]
    if (i < a.length && j < b.length && x === y) {
      push(x, 'same')
      i++
      j++
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      push(x, 'removed')
      i++
    } else {
      push(y, 'added')
      j++
    }
  }
  return found
}

type Rule = { left?: unknown; op?: unknown; right?: unknown }
type Named = { id?: unknown; title?: unknown }

/** A setting of a step as words, by what the step's kind says of it. */
export function settingText(value: unknown, field: Field | undefined, t: Words, tag: string): string {
  const input = field?.input
  if (value === undefined || value === null) return ''
  if (input?.input === 'duration' && typeof value === 'number') return lengthText(value, tag)
  if (input?.input === 'pick') return input.options.find((option) => option.value === value)?.label ?? String(value)
  if (input?.input === 'number' && typeof value === 'number') return `${value} ${input.unit}`.trim()
  if (Array.isArray(value) && (input?.input === 'choices' || value.every((item) => item && (item as Named).title)))
    return value.map((item) => String((item as Named).title ?? '')).join(', ')
  if (input?.input === 'rules' && typeof value === 'object') {
    const { all = [], any = [] } = value as { all?: Rule[]; any?: Rule[] }
    const words = (rules: Rule[], join: string) =>
      rules
        .map((rule) => [rule.left, String(rule.op ?? '').replaceAll('_', ' '), rule.right].filter(Boolean).join(' '))
        .join(` ${join} `)
    return [words(all, t('flowtries:changes.and')), words(any, t('flowtries:changes.or'))].filter(Boolean).join('; ')
  }
  return typeof value === 'string' ? value : valueText(value, t)
}

export type Counts = { added: number; removed: number; changed: number; ways: number }

export function countsOf(flow: Changes['flows'][number]): Counts {
  const counts: Counts = { added: 0, removed: 0, changed: 0, ways: flow.edges.length }
  for (const { change } of flow.steps) counts[change] += 1
  return counts
}

export const isEmpty = (changes: Changes) => changes.flows.length === 0

export function stepTitle(step: Step | undefined, kinds: Kind[], otherwise: string): string {
  if (!step) return otherwise
  return step.title || kinds.find((kind) => kind.name === step.kind)?.title || otherwise
}

/** The word on a way: the branch's title, or that of the choice that it belongs to. Empty where there is only one. */
export function wayTitle(step: Step | undefined, branch: string, kinds: Kind[]): string {
  const kind = kinds.find((one) => one.name === step?.kind)
  const fixed = kind?.branches.find((one) => one.name === branch)
  if (fixed) return kind?.branches.length === 1 && !kind.branches_from ? '' : fixed.title
  const items = kind?.branches_from ? step?.fields[kind.branches_from] : undefined
  const item = Array.isArray(items) ? (items as Named[]).find((one) => one.id === branch) : undefined
  return String(item?.title ?? branch)
}

export type Mark = Change | 'same'
export type Box = { id: string; x: number; y: number; title: string; about: string; mark: Mark }
export type Way = { id: string; path: string; mark: Mark }
export type Drawing = { boxes: Box[]; ways: Way[]; width: number; height: number }

export const BOX = { width: 220, height: 64, edge: 24 }

const content = ({ kind, title, fields, failure }: Step) => JSON.stringify([kind, title ?? '', fields, failure ?? null])
const wayKey = (edge: Edge) => `${edge.from} ${edge.branch} ${edge.to}`

/** Both states in one drawing: what went stands where it was, the rest where it is. */
export function drawingOf(
  before: Flow | undefined,
  after: Flow | undefined,
  name: (step: Step) => { title: string; about: string },
): Drawing {
  const old = new Map((before?.steps ?? []).map((step) => [step.id, step]))
  const now = new Map((after?.steps ?? []).map((step) => [step.id, step]))
  const all = [...now.values(), ...[...old.values()].filter((step) => !now.has(step.id))]
  const left = Math.min(...all.map((step) => step.position.x))
  const top = Math.min(...all.map((step) => step.position.y))
  const boxes = all.map((step): Box => {
    const was = old.get(step.id)
    const mark = !now.has(step.id) ? 'removed' : !was ? 'added' : content(was) === content(step) ? 'same' : 'changed'
    const { x, y } = step.position
    return { id: step.id, x: x - left + BOX.edge, y: y - top + BOX.edge, ...name(step), mark }
  })
  const byId = new Map(boxes.map((box) => [box.id, box]))
  const wasWay = new Set((before?.edges ?? []).map(wayKey))
  const isWay = new Set((after?.edges ?? []).map(wayKey))
  const edges = [...(after?.edges ?? []), ...(before?.edges ?? []).filter((edge) => !isWay.has(wayKey(edge)))]
  const ways = edges.flatMap((edge): Way[] => {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)]
    if (!from || !to) return []
    const key = wayKey(edge)
    return [{ id: key, path: curve(from, to), mark: !isWay.has(key) ? 'removed' : wasWay.has(key) ? 'same' : 'added' }]
  })
  return {
    boxes,
    ways,
    width: Math.max(0, ...boxes.map((box) => box.x)) + BOX.width + BOX.edge,
    height: Math.max(0, ...boxes.map((box) => box.y)) + BOX.height + BOX.edge,
  }
}

/** Leaves and arrives at the sides that face each other. */
function curve(from: Box, to: Box): string {
  const across = to.x - from.x
  const down = to.y - from.y
  if (Math.abs(across) > Math.abs(down) && Math.abs(across) > BOX.width) {
    const ahead = across > 0
    const [x1, y1] = [from.x + (ahead ? BOX.width : 0), from.y + BOX.height / 2]
    const [x2, y2] = [to.x + (ahead ? 0 : BOX.width), to.y + BOX.height / 2]
    const middle = (x1 + x2) / 2
    return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`
  }
  const below = down >= 0
  const [x1, y1] = [from.x + BOX.width / 2, from.y + (below ? BOX.height : 0)]
  const [x2, y2] = [to.x + BOX.width / 2, to.y + (below ? 0 : BOX.height)]
  const middle = (y1 + y2) / 2
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`
}
