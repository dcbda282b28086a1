// Going through a flow without looking at it: in the order of a customer, along ways, and by words.
import type { Flow, Kind, Step } from '../types'
import type { Point } from './editing'
import { NOTE, shownWays } from './ways'

/** The steps in the order in which a customer meets them; those that nothing leads to come last, notes at the end. */
export function inOrder(flow: Flow, kinds: ReadonlyMap<string, Kind>): Step[] {
  const byId = new Map(flow.steps.map((step) => [step.id, step]))
  const out = new Map<string, string[]>()
  for (const step of flow.steps) {
    const order = shownWays(step, kinds.get(step.kind), flow.edges).map((way) => way.branch)
    const own = flow.edges.filter((edge) => edge.from === step.id)
    out.set(
      step.id,
      own.sort((a, b) => order.indexOf(a.branch) - order.indexOf(b.branch)).map((edge) => edge.to),
    )
  }
  const weight = (step: Step) => (kinds.get(step.kind)?.entry ? 0 : step.kind === NOTE ? 2 : 1)
  const seen = new Set<string>()
  const ordered: Step[] = []
  for (const root of [...flow.steps].sort((a, b) => weight(a) - weight(b))) {
    const waiting = [root]
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      if (seen.has(step.id)) continue
      seen.add(step.id)
      ordered.push(step)
      waiting.unshift(
        ...(out.get(step.id) ?? []).flatMap((id) => byId.get(id) ?? []).filter((one) => !seen.has(one.id)),
      )
    }
  }
  return ordered
}

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'

/** The next step in a direction: along a way where one leads there, else the nearest card that lies there. */
export function neighbour(flow: Flow, from: string, direction: Direction): string | null {
  const here = flow.steps.find((step) => step.id === from)
  if (!here) return null
  if (direction === 'ArrowRight') {
    const way = flow.edges.find((edge) => edge.from === from)
    if (way) return way.to
  }
  if (direction === 'ArrowLeft') {
    const way = flow.edges.find((edge) => edge.to === from)
    if (way) return way.from
  }
  const ahead = (to: Point) => {
    const [dx, dy] = [to.x - here.position.x, to.y - here.position.y]
    if (direction === 'ArrowRight') return { far: dx, aside: dy }
    if (direction === 'ArrowLeft') return { far: -dx, aside: dy }
    if (direction === 'ArrowDown') return { far: dy, aside: dx }
    return { far: -dy, aside: dx }
  }
  let best: { id: string; cost: number } | null = null
  for (const step of flow.steps) {
    if (step.id === from) continue
    const { far, aside } = ahead(step.position)
    if (far <= 0) continue
    const cost = far + Math.abs(aside) * 2
    if (!best || cost < best.cost) best = { id: step.id, cost }
  }
  return best?.id ?? null
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()

function wordsIn(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value
  if (depth > 4 || typeof value !== 'object' || value === null) return ''
  return Object.values(value)
    .map((inner) => wordsIn(inner, depth + 1))
    .join(' ')
}

/** The steps whose title, face or settings hold all the words; those that say it on their face first. */
export function find(steps: Step[], query: string, faceOf: (step: Step) => string): Step[] {
  const words = plain(query).split(/\s+/).filter(Boolean)
  if (words.length === 0) return steps
  const holds = (text: string) => words.every((word) => plain(text).includes(word))
  const first: Step[] = []
  const onFace: Step[] = []
  const inside: Step[] = []
  for (const step of steps) {
    const face = faceOf(step)
    // A face begins with the step's title.
    if (plain(face).startsWith(words.join(' '))) first.push(step)
    else if (holds(face)) onFace.push(step)
    else if (holds(`${face} ${wordsIn(step.fields)}`)) inside.push(step)
  }
  return [...first, ...onFace, ...inside]
}
