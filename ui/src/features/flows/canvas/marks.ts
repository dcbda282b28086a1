// What is laid over the drawing: traffic, the path of a trial, what the tests reach.
import type { Coverage, Traffic } from '../types'

export type StepMark = {
  /** Over the card: how many came, and what became of them. */
  note?: string
  /** Many who came here wrote nothing more. */
  loses?: boolean
  lit?: boolean
  /** Here the trial stands now. */
  here?: boolean
  tested?: boolean
}
export type WayMark = {
  note?: string /** Of the busiest way, from 0 to 1. */
  share?: number
  lit?: boolean
  tested?: boolean
}
export type Marks = { steps: ReadonlyMap<string, StepMark>; ways: ReadonlyMap<string, WayMark>; kind: Overlay | null }
export type Overlay = 'traffic' | 'path' | 'tests'
export type PathStop = { step: string; branch?: string | null }

export const NO_MARKS: Marks = { steps: new Map(), ways: new Map(), kind: null }
export const wayKey = (step: string, branch: string) => `${step}|${branch}`

const MANY = 0.15
const MENTIONED = 0.005

export type CountWords = {
  number: (count: number) => string
  came: (count: number) => string
  left: (share: number) => string
  waiting: (count: number) => string
}

export function trafficMarks(traffic: Traffic, words: CountWords): Marks {
  const waiting = new Map(traffic.waiting.map(({ step, count }) => [step, count]))
  const steps = new Map<string, StepMark>()
  const known = new Map(traffic.steps.map((one) => [one.step, one]))
  for (const step of new Set([...known.keys(), ...waiting.keys()])) {
    const { entered = 0, left_here = 0 } = known.get(step) ?? {}
    const share = entered > 0 ? left_here / entered : 0
    const parts = [words.came(entered)]
    if (share >= MENTIONED) parts.push(words.left(share))
    if (waiting.get(step)) parts.push(words.waiting(waiting.get(step) ?? 0))
    steps.set(step, { note: parts.join(' · '), ...(share >= MANY ? { loses: true } : {}) })
  }
  const most = Math.max(1, ...traffic.edges.map((edge) => edge.taken))
  const ways = traffic.edges.map(({ step, branch, taken }): [string, WayMark] => [
    wayKey(step, branch),
    { share: taken / most, ...(taken > 0 ? { note: words.number(taken) } : {}) },
  ])
  return { steps, ways: new Map(ways), kind: 'traffic' }
}

export function pathMarks(path: PathStop[]): Marks {
  const steps = new Map<string, StepMark>()
  const ways = new Map<string, WayMark>()
  for (const { step, branch } of path) {
    steps.set(step, { lit: true })
    if (branch) ways.set(wayKey(step, branch), { lit: true })
  }
  const last = path.at(-1)
  if (last) steps.set(last.step, { lit: true, here: true })
  return { steps, ways, kind: 'path' }
}

export function coverageMarks(coverage: Coverage): Marks {
  return {
    steps: new Map(coverage.steps.map((step) => [step, { tested: true }])),
    ways: new Map(coverage.branches.map(({ step, branch }) => [wayKey(step, branch), { tested: true }])),
    kind: 'tests',
  }
}
