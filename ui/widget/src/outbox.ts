// Sends what the visitor wrote, in order, as often as it takes; refused words stay visible with the reason.
import { type Api, Failure } from './api'
import { pauseMs } from './line'
import type { Store } from './store'
import type { Pending, Thread } from './thread'
import type { Outgoing } from './types'

const KEPT_MS = 24 * 3_600_000
const MOST = 50

export type Outbox = { send(message: Outgoing): void; again(client_id: string): void; flush(): void }

export function openOutbox(
  api: Api,
  thread: Thread,
  store: Store,
  token: () => string | null,
  on: { changed(): void; accepted(client_id: string): void; online(on: boolean): void; expired(): void },
): Outbox {
  let busy = false
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const keep = () =>
    store.set(
      'out',
      thread
        .pending()
        .filter((pending) => pending.state !== 'sent')
        .slice(-MOST),
    )
  for (const pending of store.get<Pending[]>('out') ?? []) if (Date.now() - pending.at < KEPT_MS) thread.queue(pending)

  async function flush() {
    clearTimeout(timer)
    const key = token()
    if (busy || !key) return
    busy = true
    try {
      for (;;) {
        const next = thread.pending().find((pending) => pending.state === 'waiting')
        if (!next) break
        const { state: _, why: __, ...message } = next
        try {
          await api.send(key, message as Outgoing)
          failures = 0
          thread.mark(next.client_id, 'sent')
          on.online(true)
          on.accepted(next.client_id)
        } catch (error) {
          const failure = error instanceof Failure ? error : new Failure(0)
          if (failure.status === 401) {
            on.expired()
            break
          }
          if (failure.final) thread.mark(next.client_id, 'refused', failure.message)
          else {
            failures += 1
            if (failure.status === 0) on.online(false)
            timer = setTimeout(() => void flush(), failure.retryAfterMs || pauseMs(failures))
            break
          }
        } finally {
          keep()
          on.changed()
        }
      }
    } finally {
      busy = false
    }
  }

  window.addEventListener('online', () => void flush())
  return {
    send(message) {
      thread.queue({ ...message, state: 'waiting' })
      keep()
      on.changed()
      void flush()
    },
    again(client_id) {
      thread.mark(client_id, 'waiting')
      on.changed()
      void flush()
    },
    flush: () => void flush(),
  }
}
