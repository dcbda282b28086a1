// How runs and their entries read: words for states, sums of time and money.
import type { Tone } from '@/components/Tag'
import type { Run, RunEntry } from '../types'

type Words = (key: string, options?: Record<string, unknown>) => string

const TONES: Record<string, Tone> = {
  active: 'working',
  waiting: 'working',
  handed: 'off',
  ended: 'ok',
  done: 'ok',
  failed: 'attention',
  stuck: 'attention',
}

export const toneOf = (status: string): Tone => TONES[status] ?? 'off'

/** A customer may have no name; a run by the clock may have no customer. */
export function customerOf(run: Pick<Run, 'contact' | 'conversation'>, t: Words): string {
  return run.contact || t(run.conversation ? 'common:somebody' : 'runs.nobody')
}

/** A newer program may know more states than this interface; they are shown as it calls them. */
export function statusWord(status: string, t: Words): string {
  return t(`runs.status.${status}`, { defaultValue: status.replaceAll('_', ' ') })
}

export function totals(entries: RunEntry[]): { ms: number; cents: number } {
  return entries.reduce(
    (sum, entry) => ({ ms: sum.ms + (entry.ms ?? 0), cents: sum.cents + (entry.cost_cents ?? 0) }),
    { ms: 0, cents: 0 },
  )
}

/** Whether the run can begin again at an entry: only at a step, and once for each of them, at its last time. */
export function restartable(entries: RunEntry[]): boolean[] {
  const last = new Map(entries.map((entry, i) => [entry.step, i]))
  return entries.map((entry, i) => Boolean(entry.step) && last.get(entry.step) === i)
}

export const isGiven = (value: unknown) =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(typeof value === 'object' && Object.keys(value).length === 0)
