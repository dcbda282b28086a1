// What the interface knows of its line to the program: the network card, the API, the stream of changes.
import { useSyncExternalStore } from 'react'

export type Connection = {
  /** Whether this device has any network, as the browser sees it. */
  device: boolean
  api: 'ok' | 'unreachable'
  events: 'closed' | 'connecting' | 'open'
}

let state: Connection = {
  device: typeof navigator === 'undefined' ? true : navigator.onLine,
  api: 'ok',
  events: 'closed',
}
const listeners = new Set<() => void>()

export const connection = {
  get: () => state,
  set(change: Partial<Connection>) {
    const next = { ...state, ...change }
    if (next.device === state.device && next.api === state.api && next.events === state.events) return
    state = next
    for (const listener of listeners) listener()
  },
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  },
}

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => connection.set({ device: true }))
  window.addEventListener('offline', () => connection.set({ device: false }))
}

export function useConnection(): Connection {
  return useSyncExternalStore(connection.subscribe, connection.get)
}
