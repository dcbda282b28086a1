// The public listener over HTTP: every failure says whether trying again can help.
import { readEvents } from './events'
import type { Batch, Config, Outgoing, Session } from './types'

export class Failure extends Error {
  /** 0: nobody answered. */
  readonly status: number
  readonly retryAfterMs: number
  constructor(status: number, message = '', retryAfterMs = 0) {
    super(message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
  /** The same words would be refused again. */
  get final(): boolean {
    return this.status >= 400 && this.status < 500 && ![401, 408, 425, 429].includes(this.status)
  }
}

export type Api = ReturnType<typeof openApi>

/** `base`: `https://host/chat/<channel>`. Never sends cookies. */
export function openApi(base: string) {
  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response
    try {
      response = await fetch(base + path, { credentials: 'omit', cache: 'no-store', ...init })
    } catch (cause) {
      if (init.signal?.aborted) throw cause
      throw new Failure(0)
    }
    if (response.ok) return response
    const body = (await response.json().catch(() => null)) as { message?: string } | null
    const after = Number(response.headers.get('retry-after')) * 1000 || 0
    throw new Failure(response.status, body?.message ?? '', after)
  }
  const json = (body: unknown, token?: string): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  })
  return {
    config: async () => (await call('/config')).json() as Promise<Config>,
    session: async (visitor: string | null) =>
      (await call('/sessions', json(visitor ? { visitor } : {}))).json() as Promise<Session>,
    async send(token: string, { at: _, ...body }: Outgoing) {
      await call('/messages', json(body, token))
    },
    poll: async (token: string, after: number, waitS: number, signal?: AbortSignal) =>
      (
        await call(`/messages?after=${after}&wait=${waitS}`, {
          headers: { authorization: `Bearer ${token}` },
          signal: signal ?? null,
        })
      ).json() as Promise<Batch>,
    /**
     * Reads the stream until it ends. `onBytes` hears every sign of life, heartbeats too: an EventSource would hide
     * them, and a proxy that holds the stream back could not be told from a quiet evening.
     */
    async stream(
      token: string,
      after: number,
      signal: AbortSignal,
      onBytes: () => void,
      onEvent: (name: string, data: unknown) => void,
    ) {
      const response = await call(`/events?token=${encodeURIComponent(token)}&after=${after}`, {
        headers: { accept: 'text/event-stream' },
        signal,
      })
      if (!response.body) throw new Failure(0)
      await readEvents(response.body, onBytes, onEvent)
    },
  }
}
