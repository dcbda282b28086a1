// Keeps hearing the business: by stream where that works, by long polling where a proxy holds streams back.
import { type Api, Failure } from './api'
import type { WebMessage } from './types'

export const SILENT_MS = 20_000
/** The program sends a heartbeat each 15 s. */
const LOST_MS = 45_000
const FAILURES = 2
const POLL_WAIT_S = 25
const LONGEST_PAUSE_MS = 30_000

export type Hear = {
  message(message: WebMessage): void
  typing(on: boolean): void
  delta(text: string): void
  /** Whether the business can be reached. */
  online(on: boolean): void
  /** The token is not known any more. */
  expired(): void
}

export type Line = { stop(): void; sent(): void; mode(): 'stream' | 'poll' }

export function pauseMs(failures: number): number {
  return Math.min(1000 * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS) * (0.75 + Math.random() / 2)
}

export function listen(api: Api, token: string, after: number, hear: Hear): Line {
  const stopped = new AbortController()
  let cursor = after
  let mode: 'stream' | 'poll' = 'stream'
  let current: AbortController | null = null
  let alive = false
  let wake: (() => void) | null = null

  const rest = (ms: number) =>
    new Promise<void>((done) => {
      const timer = setTimeout(done, ms)
      wake = () => {
        clearTimeout(timer)
        done()
      }
    })
  const take = (message: WebMessage) => {
    cursor = Math.max(cursor, message.cursor)
    hear.message(message)
  }

  /** Resolves to whether anything at all was heard. */
  async function streamOnce(): Promise<boolean> {
    const attempt = new AbortController()
    current = attempt
    alive = false
    let timer: ReturnType<typeof setTimeout> = setTimeout(() => {
      mode = 'poll'
      attempt.abort()
    }, SILENT_MS)
    try {
      await api.stream(
        token,
        cursor,
        attempt.signal,
        () => {
          if (!alive) hear.online(true)
          alive = true
          clearTimeout(timer)
          timer = setTimeout(() => attempt.abort(), LOST_MS)
        },
        (name, data) => {
          if (name === 'message') take(data as WebMessage)
          else if (name === 'typing') hear.typing(Boolean((data as { on?: boolean }).on))
          else if (name === 'delta') hear.delta(String((data as { text?: string }).text ?? ''))
        },
      )
    } catch (error) {
      if (error instanceof Failure && error.status === 401) hear.expired()
    } finally {
      clearTimeout(timer)
      hear.typing(false)
    }
    return alive
  }

  async function run() {
    let failures = 0
    while (!stopped.signal.aborted) {
      if (mode === 'stream') {
        const heard = await streamOnce()
        if (stopped.signal.aborted) return
        failures = heard ? 0 : failures + 1
        if (failures >= FAILURES) mode = 'poll'
        if (mode === 'stream') await rest(heard ? 300 : pauseMs(failures))
        else failures = 0
        continue
      }
      const attempt = new AbortController()
      current = attempt
      try {
        // The first answer comes at once: it says whether the business can be reached.
        const batch = await api.poll(token, cursor, failures > 0 ? 0 : POLL_WAIT_S, attempt.signal)
        failures = 0
        hear.online(true)
        for (const message of batch.messages) take(message)
        cursor = Math.max(cursor, batch.cursor)
        hear.typing(Boolean(batch.typing))
      } catch (error) {
        if (stopped.signal.aborted) return
        if (error instanceof Failure && error.status === 401) return hear.expired()
        failures += 1
        hear.online(false)
        await rest(error instanceof Failure && error.retryAfterMs ? error.retryAfterMs : pauseMs(failures))
      }
    }
  }

  const back = () => wake?.()
  window.addEventListener('online', back)
  void run().catch(() => hear.online(false))
  return {
    stop() {
      window.removeEventListener('online', back)
      stopped.abort()
      current?.abort()
      wake?.()
    },
    /** A message was accepted: its echo is due, so a stream that stays silent now is held back by something. */
    sent() {
      const attempt = current
      if (mode !== 'stream' || alive) return
      setTimeout(() => {
        if (mode !== 'stream' || alive || current !== attempt || stopped.signal.aborted) return
        mode = 'poll'
        attempt?.abort()
        wake?.()
      }, 3_000)
    },
    mode: () => mode,
  }
}
