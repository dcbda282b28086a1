// Keeps hearing the business: by stream where that works, by asking again and again where something holds streams back.
import { type Api, Failure } from './api'
import type { WebMessage } from './types'

/** The program speaks as soon as a stream opens. */
export const SILENT_MS = 6_000
/** Then it gives a sign of life each 15 s. */
const LOST_MS = 45_000
/** A stream that ends sooner is cut off by something on the way. */
const STEADY_MS = 10_000
/** What the visitor wrote comes back within this time. */
const ECHO_MS = 3_000
const FAILURES = 2
const POLL_WAIT_S = 25
/** An answer that takes so much longer than it was to wait does not come. */
const LATE_MS = 10_000
const LONGEST_PAUSE_MS = 30_000
/** Beside the asking a stream is tried again after this time, then after twice as long. */
export const TRY_MS = 60_000
const TRY_MOST_MS = 30 * 60_000

export type Hear = {
  message(message: WebMessage): void
  typing(on: boolean): void
  delta(text: string): void
  /** Whether the business can be reached. */
  online(on: boolean): void
  /** The token is not known any more. */
  expired(): void
}

export type Line = { stop(): void; sent(arrived: () => boolean): void }

/** What is known of the way to the business; lives longer than one line. */
export type Way = { asks: boolean; tryAt: number; tryIn: number }
export const newWay = (): Way => ({ asks: false, tryAt: 0, tryIn: TRY_MS })

export function pauseMs(failures: number): number {
  return Math.min(1000 * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS) * (0.75 + Math.random() / 2)
}

export function listen(api: Api, token: string, after: number, hear: Hear, way = newWay()): Line {
  let cursor = after
  let stopped = false
  let stream: AbortController | null = null
  let poll: AbortController | null = null
  /** A stream that was tried beside the asking, and is the line as soon as it speaks. */
  let trying: Promise<number> | null = null
  let wake: (() => void) | null = null

  const rest = (ms: number) =>
    new Promise<void>((done) => {
      setTimeout(done, ms)
      wake = done
    })
  const take = (message: WebMessage) => {
    cursor = Math.max(cursor, message.cursor)
    hear.message(message)
  }
  /** Lets go of whatever hangs. */
  const shake = (...held: (AbortController | null)[]) => {
    for (const one of held) one?.abort()
    wake?.()
  }

  function fallBack() {
    way.asks = true
    way.tryAt = Date.now() + way.tryIn
    way.tryIn = Math.min(way.tryIn * 2, TRY_MOST_MS)
  }

  /** Resolves to how much speaks against streams: nothing, a failure, or enough of them. */
  async function openStream(heard: () => void): Promise<number> {
    const attempt = new AbortController()
    stream = attempt
    let since = 0
    let lost = false
    const giveUp = () => {
      lost = true
      attempt.abort()
    }
    let timer = setTimeout(giveUp, SILENT_MS)
    try {
      await api.stream(
        token,
        cursor,
        attempt.signal,
        () => {
          if (!since) {
            since = Date.now()
            hear.online(true)
            heard()
          }
          clearTimeout(timer)
          timer = setTimeout(giveUp, LOST_MS)
        },
        (name, data) => {
          if (name === 'message') take(data as WebMessage)
          else if (name === 'typing') hear.typing(Boolean((data as { on?: boolean }).on))
          else if (name === 'delta') hear.delta(String((data as { text?: string }).text ?? ''))
        },
      )
    } catch (error) {
      if (error instanceof Failure && error.status === 401) hear.expired()
    }
    clearTimeout(timer)
    hear.typing(false)
    if (lost) return since ? 1 : FAILURES
    return since && Date.now() - since >= STEADY_MS ? 0 : 1
  }

  async function follow() {
    let failures = 0
    while (!way.asks && !stopped) {
      const opened = trying ?? openStream(() => {})
      trying = null
      const against = await opened
      if (way.asks || stopped) return
      failures = against && failures + against
      if (!failures) way.tryIn = TRY_MS
      if (failures >= FAILURES) fallBack()
      else await rest(failures ? pauseMs(failures) : 300)
    }
  }

  /** What a stream gives that begins to speak, and what is still being asked for, is shown once: messages have ids. */
  function tryStream() {
    trying = openStream(() => {
      way.asks = false
      shake(poll)
    })
    void trying.then(() => {
      if (!way.asks || stopped) return
      trying = null
      fallBack()
    })
  }

  async function ask() {
    let failures = 0
    while (way.asks && !stopped) {
      if (!trying && Date.now() >= way.tryAt) tryStream()
      const attempt = new AbortController()
      poll = attempt
      // After a failure the answer comes at once: it says whether the business can be reached.
      const wait = failures ? 0 : POLL_WAIT_S
      const asked = Date.now()
      let late = false
      const timer = setTimeout(
        () => {
          late = true
          attempt.abort()
        },
        wait * 1000 + LATE_MS,
      )
      try {
        const batch = await api.poll(token, cursor, wait, attempt.signal)
        if (failures) way.tryAt = 0
        failures = 0
        hear.online(true)
        batch.messages.forEach(take)
        cursor = Math.max(cursor, batch.cursor)
        // Nothing new, and no waiting for it: there are many who wait.
        if (wait && !batch.messages[0] && Date.now() - asked < 1000) await rest(2_000)
      } catch (error) {
        const failure = error instanceof Failure ? error : new Failure(0)
        if (failure.status === 401) return hear.expired()
        if (late || !attempt.signal.aborted) {
          failures += 1
          // Who asks too often got an answer.
          hear.online(failure.status === 429)
          await rest(failure.retryAfterMs || pauseMs(failures))
        }
      }
      clearTimeout(timer)
    }
  }

  async function run() {
    while (!stopped) await (way.asks ? ask() : follow())
  }

  /** The browser has a network again: nothing that hangs in the old one is worth waiting for. */
  const back = () => {
    way.tryAt = 0
    way.tryIn = TRY_MS
    shake(poll)
  }
  window.addEventListener('online', back)
  void run().catch(() => hear.online(false))
  return {
    stop() {
      window.removeEventListener('online', back)
      stopped = true
      shake(stream, poll)
    },
    /** A message was accepted, and its echo is due: a stream that does not give it is held back by something. */
    sent(arrived) {
      const attempt = stream
      setTimeout(() => {
        if (way.asks || stopped || stream !== attempt || arrived()) return
        fallBack()
        shake(attempt)
      }, ECHO_MS)
    },
  }
}
