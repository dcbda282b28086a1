// Tests that were just deleted: out of sight at once, out of the program when the time for Undo is over.
import { useSyncExternalStore } from 'react'

let leaving: ReadonlySet<string> = new Set()
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const listeners = new Set<() => void>()

function set(change: (ids: Set<string>) => void) {
  const next = new Set(leaving)
  change(next)
  leaving = next
  for (const listener of listeners) listener()
}

/** A window that closes before keeps the test; nothing is lost that could not be deleted again. */
export function leave(id: string, ms: number, remove: () => Promise<unknown>) {
  set((ids) => ids.add(id))
  timers.set(
    id,
    setTimeout(() => {
      timers.delete(id)
      // It stays out of sight until the list has come anew; failing, it is there again.
      void remove().finally(() => set((ids) => ids.delete(id)))
    }, ms),
  )
}

export function stay(id: string) {
  clearTimeout(timers.get(id))
  timers.delete(id)
  set((ids) => ids.delete(id))
}

export function useLeaving(): ReadonlySet<string> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => leaving,
  )
}
