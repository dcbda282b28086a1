// One chat on one page: its visit, its thread, its line and its view.
import { Failure, openApi } from './api'
import { type Hear, type Line, listen, newWay, pauseMs } from './line'
import { openOutbox } from './outbox'
import { newId, openStore } from './store'
import { Thread } from './thread'
import type { Config, Session } from './types'
import { openView } from './view'
import { choose } from './words'

/** A visitor who wrote within this time hears of answers without opening the chat. */
const FRESH_MS = 24 * 3_600_000
/** A page in the background gives its connection back after this time. */
const HIDDEN_MS = 60_000
/** Words under way that nothing follows are taken away. */
const STALE_MS = 60_000

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

export async function startChat(base: string, options: { page: boolean; language: string | null; rtl: boolean }) {
  const api = openApi(base)
  const store = openStore(base.split('/').pop() || 'chat')
  const thread = new Thread()
  const way = newWay()
  let token: string | null = null
  let line: Line | null = null
  let meeting: Promise<void> | null = null
  let growing = ''
  let stale: ReturnType<typeof setTimeout> | undefined
  let seen = store.get<number>('seen') ?? 0

  const { config, closed } = await readConfig(api, options.page)
  if (!config) return null
  const language = choose(options.language, config.language, navigator.language)

  const outbox = openOutbox(api, thread, store, () => token, {
    changed: () => draw(),
    accepted: (id) => line?.sent(() => !thread.pending().some((pending) => pending.client_id === id)),
    online: (on) => view.setOffline(!on),
    expired: () => renew(),
  })
  const view = openView(
    config,
    language,
    { ...options, base },
    {
      write: (text) => say({ type: 'text', text }),
      pick: ({ id, title }) => say({ type: 'pick', id, title }),
      again: (client_id) => outbox.again(client_id),
      draft: (text) => store.set('draft', text || null),
      opened: () => {
        draw()
        void meet()
      },
    },
  )
  if (closed !== null) {
    view.close(closed)
    return view
  }
  view.setDraft(store.get<string>('draft') ?? '')

  function draw() {
    view.draw(thread)
    if (view.isOpen() && !document.hidden) {
      seen = Math.max(seen, thread.cursor())
      store.set('seen', seen)
    }
    view.setUnread(view.isOpen() ? 0 : thread.unread(seen))
  }

  function say(what: { type: 'text'; text: string } | { type: 'pick'; id: string; title: string }) {
    store.set('last', Date.now())
    outbox.send({ client_id: newId(), at: Date.now(), ...what })
    void meet()
  }

  function grow(text: string, typing: boolean) {
    growing = text
    view.grow(text, typing)
    clearTimeout(stale)
    if (text || typing) stale = setTimeout(() => grow('', false), STALE_MS)
  }

  /** Begins or takes up the visit, as often as it takes. */
  function meet(): Promise<void> {
    meeting ??= (async () => {
      for (let failures = 1; !token; failures += 1) {
        try {
          const session: Session = await api.session(store.get<string>('token'))
          token = session.token
          store.set('token', token)
          for (const message of session.messages) thread.add(message)
          view.setOffline(false)
          draw()
          hear(Math.max(session.cursor, thread.cursor()))
          outbox.flush()
        } catch (error) {
          if (error instanceof Failure && error.final) {
            view.close(error.message)
            return
          }
          view.setOffline(true)
          await wait(error instanceof Failure && error.retryAfterMs ? error.retryAfterMs : pauseMs(failures))
        }
      }
    })()
    return meeting
  }

  function hear(after: number) {
    if (!token) return
    line?.stop()
    const hears: Hear = {
      message: (message) => {
        if (message.direction === 'out') grow('', false)
        if (thread.add(message) || message.client_id) draw()
      },
      typing: (on) => grow(on ? growing : '', on),
      delta: (text) => grow(growing + text, true),
      online: (on) => view.setOffline(!on),
      expired: () => renew(),
    }
    line = listen(api, token, after, hears, way)
  }

  /** The token is not known any more (another computer, say): a new visit, with what still waits. */
  function renew() {
    line?.stop()
    line = null
    token = null
    meeting = null
    store.set('token', null)
    void meet()
  }

  let hidden: ReturnType<typeof setTimeout> | undefined
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden)
    if (document.hidden) {
      hidden = setTimeout(() => {
        line?.stop()
        line = null
      }, HIDDEN_MS)
    } else {
      if (token && !line) hear(thread.cursor())
      draw()
    }
  })

  draw()
  const fresh = store.get<string>('token') && Date.now() - (store.get<number>('last') ?? 0) < FRESH_MS
  if (options.page || fresh || thread.pending().length > 0) void meet()
  return view
}

/** A chat that is closed or not allowed here shows nothing on a web site, and says so on its own page. */
async function readConfig(
  api: ReturnType<typeof openApi>,
  page: boolean,
): Promise<{ config: Config | null; closed: string | null }> {
  const none: Config = {
    title: document.title,
    greeting: '',
    accent: null,
    position: 'right',
    language: document.documentElement.lang,
  }
  for (let failures = 1; ; failures += 1) {
    try {
      return { config: { ...none, ...(await api.config()) }, closed: null }
    } catch (error) {
      const final = error instanceof Failure && (error.final || error.status === 503)
      if (final) return { config: page ? none : null, closed: (error as Failure).message }
      if (failures >= 8) return { config: page ? none : null, closed: '' }
      await wait(pauseMs(failures))
    }
  }
}
