// A whole visit in a browser without a network: greeting, sending, losing the connection, falling back, coming back.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startChat } from './chat'
import type { Outgoing, WebMessage } from './types'

type Call = { method: string; path: string; body: Record<string, unknown>; token: string | null }
const BASE = 'https://shop.example/chat/c1'
const calls: Call[] = []
let posts: (call: Call) => Response | Error
let events: () => Response | Error | Promise<Response>
let polls: WebMessage[][]
let history: WebMessage[]
let cursor = 0
let tooFast = 0

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })
const say = (text: string, extra: Partial<WebMessage> = {}): WebMessage => {
  cursor += 1
  return {
    id: `m${cursor}`,
    cursor,
    direction: 'out',
    author: 'bot',
    name: null,
    content: { kind: 'text', text },
    citations: [],
    at: Date.now(),
    ...extra,
  }
}
const root = () => document.getElementById('botflow-chat')?.shadowRoot as ShadowRoot
const bubbles = () => [...root().querySelectorAll('.row:not([hidden]) .bubble')].map((bubble) => bubble.textContent)
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
const sent = () => calls.filter((call) => call.method === 'POST' && call.path === '/messages')
function type(text: string) {
  const field = root().querySelector('textarea') as HTMLTextAreaElement
  field.value = text
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
}

beforeEach(() => {
  vi.useFakeTimers()
  document.body.innerHTML = ''
  localStorage.clear()
  calls.length = 0
  cursor = 0
  tooFast = 0
  polls = []
  history = []
  posts = () => json({}, 202)
  // A stream that a proxy holds back: headers come, bytes never do.
  events = () => new Response(new ReadableStream({ start() {} }))
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const path = address.slice(BASE.length)
    const method = init.method ?? 'GET'
    const call: Call = {
      method,
      path: path.split('?')[0] ?? '',
      body: init.body ? JSON.parse(String(init.body)) : {},
      token: new Headers(init.headers).get('authorization'),
    }
    calls.push(call)
    const answer = (response: Response | Error) => {
      if (response instanceof Error) throw response
      return response
    }
    if (path === '/config')
      return json({ title: 'Shop', greeting: 'Hello!', accent: '#ffee00', position: 'right', language: 'en' })
    if (path === '/sessions') return json({ token: 't'.repeat(43), messages: history, cursor })
    if (method === 'POST') return answer(posts(call))
    if (call.path === '/events') {
      const response = answer(await events())
      const reader = response.body?.getReader()
      // As a browser does: ending the request ends the reading.
      return new Response(
        new ReadableStream({
          async start(out) {
            init.signal?.addEventListener('abort', () => {
              try {
                out.error(new DOMException('aborted', 'AbortError'))
              } catch {}
            })
            for (;;) {
              const next = await reader?.read()
              if (!next || next.done) return out.close()
              out.enqueue(next.value)
            }
          },
        }),
      )
    }
    if (tooFast > 0) {
      tooFast -= 1
      return new Response('{}', { status: 429, headers: { 'retry-after': '5' } })
    }
    const batch = polls.shift()
    if (batch) return json({ messages: batch, cursor: batch[batch.length - 1]?.cursor ?? 0 })
    return new Promise<Response>((_, fail) => init.signal?.addEventListener('abort', () => fail(new Error('aborted'))))
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const start = async (page = false) => {
  const view = await startChat(BASE, { page, language: null, rtl: false })
  await settle()
  return view
}

it('asks for nothing but its looks until somebody opens it, then greets', async () => {
  const view = await start()
  expect(calls.map((call) => call.path)).toEqual(['/config'])
  view?.toggle(true)
  await settle()
  expect(calls.map((call) => call.path)).toEqual(['/config', '/sessions', '/events'])
  expect(bubbles()).toEqual(['Hello!'])
})

it('sends once, and shows the kept message in place of the sent one', async () => {
  const view = await start()
  view?.toggle(true)
  await settle()
  type('How much?')
  await settle()
  const [call] = sent()
  expect([call?.body.type, call?.body.text, call?.token]).toEqual(['text', 'How much?', `Bearer ${'t'.repeat(43)}`])
  const client_id = String(call?.body.client_id)
  expect(client_id).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
  const element = root().querySelector('.mine')
  polls = [[say('How much?', { direction: 'in', author: 'visitor', client_id }), say('R 5')]]
  // The echo is due within seconds, so the silent stream is given up at once rather than after 20.
  await settle(3_500)
  expect(bubbles()).toEqual(['Hello!', 'How much?', 'R 5'])
  expect(root().querySelector('.mine')).toBe(element)
  expect(sent()).toHaveLength(1)
})

const asks = (path: string) => calls.filter((call) => call.method === 'GET' && call.path === path).length

/** A stream that works: the program speaks at once, and then tells what it is given. */
function openStream() {
  const bytes = new TextEncoder()
  let out: ReadableStreamDefaultController<Uint8Array> | undefined
  events = () =>
    new Response(
      new ReadableStream({
        start(line) {
          out = line
          line.enqueue(bytes.encode(': here\n\n'))
        },
      }),
    )
  return {
    async tell(event: string, data: unknown) {
      out?.enqueue(bytes.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
      await settle()
    },
    beat: () => out?.enqueue(bytes.encode(':\n\n')),
    end: () => out?.close(),
  }
}

it('a stream held back by a proxy is given up within seconds, and answers still come', async () => {
  const view = await start()
  view?.toggle(true)
  await settle()
  polls = [[say('From the poll')]]
  await settle(5_000)
  expect(bubbles()).toEqual(['Hello!'])
  await settle(2_000)
  expect(bubbles()).toEqual(['Hello!', 'From the poll'])
})

for (const [what, broken] of Object.entries({
  'cannot be opened': () => new TypeError('network'),
  'is refused by something on the way': () => new Response('<html>', { status: 502 }),
  'is ended at once': () => new Response(''),
  'is ended after its first words': () => new Response(': here\n\n'),
}))
  it(`two streams in a row, of which each ${what}, turn to asking`, async () => {
    events = broken
    polls = [[say('Here')]]
    const view = await start()
    view?.toggle(true)
    await settle(6_000)
    expect(asks('/events')).toBe(2)
    expect(bubbles()).toEqual(['Hello!', 'Here'])
  })

it('a stream that began well and holds back what follows is given up when an echo is missing', async () => {
  const stream = openStream()
  const view = await start()
  view?.toggle(true)
  await settle(1_000)
  type('One')
  await settle()
  const client_id = String(sent()[0]?.body.client_id)
  await stream.tell('message', say('One', { direction: 'in', author: 'visitor', client_id }))
  await settle(5_000)
  expect(asks('/messages')).toBe(0)

  type('Two')
  await settle()
  const second = String(sent()[1]?.body.client_id)
  polls = [[say('Two', { direction: 'in', author: 'visitor', client_id: second }), say('An answer')]]
  await settle(3_500)
  expect(bubbles()).toEqual(['Hello!', 'One', 'Two', 'An answer'])
})

it('goes back to a stream when one works again, loses nothing and shows nothing twice', async () => {
  const view = await start()
  view?.toggle(true)
  await settle(7_000)
  const held = asks('/events')
  expect([held, asks('/messages')]).toEqual([1, 1])

  const stream = openStream()
  const known = say('Asked for')
  polls = [[known], []]
  // Asking goes on until a stream is tried again, beside it.
  await settle(70_000)
  expect(bubbles()).toEqual(['Hello!', 'Asked for'])
  expect(asks('/events')).toBe(held + 1)
  const asked = asks('/messages')
  await stream.tell('message', known)
  await stream.tell('message', say('Told'))
  expect(bubbles()).toEqual(['Hello!', 'Asked for', 'Told'])
  for (let minute = 0; minute < 20; minute += 1) {
    await settle(15_000)
    stream.beat()
  }
  await settle()
  expect([asks('/messages'), asks('/events')]).toEqual([asked, held + 1])
})

it('where streams never work they are tried less and less often, and asking goes on', async () => {
  const view = await start()
  view?.toggle(true)
  await settle(3_600_000)
  expect(asks('/events')).toBeLessThan(8)
  expect(asks('/messages')).toBeGreaterThan(60)
  const before = asks('/events')
  window.dispatchEvent(new Event('online'))
  await settle(1_000)
  expect(asks('/events')).toBeGreaterThan(before)
})

it('an answer that never comes is not waited for, and one who asked too often is not offline', async () => {
  const view = await start()
  view?.toggle(true)
  await settle(7_000)
  const offline = () => root().querySelector<HTMLElement>('.offline')?.hidden === false
  const before = asks('/messages')
  await settle(37_000)
  expect(asks('/messages')).toBe(before + 1)
  expect(offline()).toBe(true)
  tooFast = 3
  await settle(30_000)
  expect(offline()).toBe(false)
  polls = [[say('At last')]]
  // What hangs now is given up after ten seconds, and the longest pause is less than forty.
  await settle(60_000)
  expect(bubbles()).toEqual(['Hello!', 'At last'])
})

it('words under way grow in a bubble that the whole message replaces', async () => {
  const { tell } = openStream()
  const view = await start()
  view?.toggle(true)
  await settle()
  await tell('typing', { on: true })
  expect(root().querySelector('.dots')).not.toBeNull()
  await tell('delta', { text: 'R 1' })
  await tell('delta', { text: ',450' })
  expect(bubbles()).toEqual(['Hello!', 'R 1,450'])
  const whole = say('R 1,450.', { citations: [{ title: 'FAQ', page: 2 }] })
  await tell('message', whole)
  await tell('message', whole)
  expect(bubbles()).toEqual(['Hello!', 'R 1,450.'])
  expect(root().querySelector('.chip')?.textContent).toBe('From: FAQ, page 2')
})

it('without a connection words wait, and go out once with the same id', async () => {
  const view = await start()
  view?.toggle(true)
  await settle()
  posts = () => new TypeError('network')
  type('Still there?')
  await settle()
  expect(root().querySelector('[data-state=waiting]')?.textContent).toContain('Waiting to be sent')
  expect(root().querySelector<HTMLElement>('.offline')?.hidden).toBe(false)
  posts = () => json({}, 202)
  await settle(3_000)
  const ids = new Set(sent().map((call) => (call.body as unknown as Outgoing).client_id))
  expect(sent().length).toBeGreaterThan(1)
  expect(ids.size).toBe(1)
  expect(root().querySelector('[data-state=waiting]')).toBeNull()
  await settle(60_000)
  expect(sent().length).toBe(2)
})

it('words that waited when the page was closed are sent by the next page', async () => {
  posts = () => new TypeError('network')
  const view = await start()
  view?.toggle(true)
  await settle()
  type('Keep me')
  await settle()
  document.body.innerHTML = ''
  posts = () => json({}, 202)
  calls.length = 0
  await start()
  await settle()
  expect(sent().map((call) => call.body.text)).toContain('Keep me')
})

it('refused words say why and can be tried again', async () => {
  const view = await start()
  view?.toggle(true)
  await settle()
  posts = () => json({ code: 'too_large', message: 'Too long. Send it in parts.' }, 413)
  type('x')
  await settle()
  expect(root().querySelector('.bad')?.textContent).toBe('Too long. Send it in parts.')
  posts = () => json({}, 202)
  root().querySelector<HTMLButtonElement>('.again')?.click()
  await settle()
  expect(root().querySelector('.bad')).toBeNull()
})

it('only the newest buttons can be pressed, and a press is sent as a choice', async () => {
  const pick = { kind: 'buttons' as const, text: 'What?', buttons: [{ id: 'h', title: 'Hours' }] }
  history = [say('', { content: pick }), say('', { content: pick })]
  await start(true)
  const buttons = [...root().querySelectorAll<HTMLButtonElement>('.pick')]
  expect(buttons.map((button) => button.disabled)).toEqual([true, false])
  buttons[1]?.click()
  await settle()
  expect(sent()[0]?.body).toMatchObject({ type: 'pick', id: 'h', title: 'Hours' })
  expect(buttons[1]?.disabled).toBe(true)
})

it('nothing in a message becomes markup, and an unsafe link is no link', async () => {
  history = [
    say('<img src=x onerror=alert(1)>\nhttps://a.example/'),
    say('', { content: { kind: 'link', text: 'x', label: 'Go', url: 'javascript:alert(1)' } }),
    say('', { content: { kind: 'hologram' } as never }),
  ]
  await start(true)
  expect(root().querySelector('img')).toBeNull()
  expect([...root().querySelectorAll('a')].map((a) => [a.href, a.rel])).toEqual([
    ['https://a.example/', 'noopener noreferrer nofollow ugc'],
  ])
  expect(bubbles()[3]).toBe('This cannot be shown here.')
})

it('unread answers are counted on the closed button, and Escape gives the focus back to it', async () => {
  localStorage.setItem('botflow:c1:token', JSON.stringify('t'.repeat(43)))
  localStorage.setItem('botflow:c1:last', JSON.stringify(Date.now()))
  history = [say('One'), say('Two')]
  const view = await start()
  expect(root().querySelector('.badge')?.textContent).toBe('2')
  view?.toggle(true)
  expect(root().activeElement?.tagName).toBe('TEXTAREA')
  root()
    .querySelector('.panel')
    ?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
  expect(root().activeElement?.className).toBe('launch')
  expect(root().querySelector<HTMLElement>('.badge')?.hidden).toBe(true)
})

it('shows a picture from the business, and other files by their name', async () => {
  const url = '/chat/c1/media/m1?key=k'
  const media = (mime: string, filename: string) => ({ mime, filename, url })
  history = [
    say('', { content: { kind: 'image', media: media('image/png', 'geyser.png'), caption: 'Your geyser' } }),
    say('', { content: { kind: 'document', media: media('application/pdf', 'Quote.pdf') } }),
    say('', { content: { kind: 'image', media: { mime: 'image/png', filename: 'gone.png' } } }),
  ]
  await startChat(BASE, { page: true, language: 'en', rtl: false })
  await settle()
  const pictures = [...root().querySelectorAll('.bubble img')]
  expect(pictures.map((img) => [img.getAttribute('src'), img.getAttribute('alt')])).toEqual([
    [`https://shop.example${url}`, 'Your geyser'],
  ])
  const links = [...root().querySelectorAll('.bubble a')].map((link) => link.getAttribute('href'))
  expect(links).toEqual([`https://shop.example${url}`, `https://shop.example${url}`])
  expect(bubbles()).toEqual(['Hello!', 'Your geyser', 'Quote.pdf', 'gone.png'])
})
