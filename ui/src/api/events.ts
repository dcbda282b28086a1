// Hears what changed in the program and lets the matching queries fetch again: the first part of a query key is the tag.
import type { QueryClient } from '@tanstack/react-query'
import { connection } from '@/lib/connection'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

/** Opens the stream and keeps it open; returns how to close it. */
export function listen(queries: QueryClient): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT_MS
  let missed = false
  let closed = false

  function open() {
    if (closed) return
    connection.set({ events: 'connecting' })
    source = new EventSource('/api/events')
    source.onopen = () => {
      wait = FIRST_WAIT_MS
      connection.set({ events: 'open', api: 'ok' })
      // Changes that happened while nobody listened are unknown: ask for everything that is on screen.
      if (missed) void queries.invalidateQueries()
      missed = false
    }
    source.addEventListener('changed', (event) => {
      for (const tag of tagsOf((event as MessageEvent<string>).data)) {
        void queries.invalidateQueries({ queryKey: [tag] })
      }
    })
    source.addEventListener('resync', () => void queries.invalidateQueries())
    source.onerror = () => {
      source?.close()
      source = null
      missed = true
      connection.set({ events: 'closed' })
      if (closed) return
      timer = setTimeout(open, wait * (0.75 + Math.random() / 2))
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
  }

  function wake() {
    if (closed || source) return
    clearTimeout(timer)
    wait = FIRST_WAIT_MS
    open()
  }

  open()
  window.addEventListener('online', wake)
  return () => {
    closed = true
    clearTimeout(timer)
    window.removeEventListener('online', wake)
    source?.close()
    connection.set({ events: 'closed' })
  }
}

/** A message we cannot read changes nothing rather than breaking the stream. */
export function tagsOf(data: string): string[] {
  try {
    const tags = (JSON.parse(data) as { tags?: unknown }).tags
    return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : []
  } catch {
    return []
  }
}
