// What was done to a flow, to be undone: whole states, which share what did not change.
import type { Flow } from '../types'

const MOST = 200
const SAME_MS = 1_200

export type History = { past: Flow[]; now: Flow; future: Flow[]; tag: string | null; at: number }

export const begin = (flow: Flow): History => ({ past: [], now: flow, future: [], tag: null, at: 0 })

/** Changes with the same `tag` shortly after each other (letters typed into one field) are one. */
export function change(history: History, next: Flow, tag: string | null, at: number): History {
  if (next === history.now) return history
  const joined = tag !== null && tag === history.tag && at - history.at < SAME_MS
  const past = joined ? history.past : [...history.past, history.now].slice(-MOST)
  return { past, now: next, future: [], tag, at }
}

export function undo(history: History): History {
  const last = history.past.at(-1)
  if (!last) return history
  return { past: history.past.slice(0, -1), now: last, future: [history.now, ...history.future], tag: null, at: 0 }
}

export function redo(history: History): History {
  const [next, ...future] = history.future
  if (!next) return history
  return { past: [...history.past, history.now], now: next, future, tag: null, at: 0 }
}
