// What a visitor would miss: links that open, messages once, colours that can be read, words in their language.
import { describe, expect, it } from 'vitest'
import { contrast, parseHex, shades } from './color'
import { eventParser } from './events'
import { linkify, safeUrl } from './linkify'
import { baseOf, findScript } from './script'
import { Thread } from './thread'
import type { WebMessage } from './types'
import { choose, isRightToLeft, wordsOf } from './words'

const message = (cursor: number, extra: Partial<WebMessage> = {}): WebMessage => ({
  id: `m${cursor}`,
  cursor,
  direction: 'out',
  author: 'bot',
  name: null,
  content: { kind: 'text', text: `text ${cursor}` },
  citations: [],
  at: cursor,
  ...extra,
})

describe('links', () => {
  it.each([
    ['see https://a.example/x.', ['https://a.example/x']],
    ['(https://a.example/wiki_(b))', ['https://a.example/wiki_(b)']],
    ['*https://a.example* and http://b.example/?q=1&r=2, too', ['https://a.example/', 'http://b.example/?q=1&r=2']],
    ['javascript:alert(1) data:text/html,x ftp://a', []],
    ['<a href="https://a.example/">x</a>', ['https://a.example/']],
    ['https://', []],
  ])('are found in %s and nothing else is', (text, urls) => {
    const parts = linkify(text)
    expect(parts.map((part) => part.text).join('')).toBe(text)
    expect(parts.flatMap((part) => part.url ?? [])).toEqual(urls)
  })
  it('never open a script', () => {
    for (const bad of ['javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', '//a', ''])
      expect(safeUrl(bad)).toBeNull()
  })
  it('without a host lead to the chat and nowhere else', () => {
    const base = 'https://shop.example/chat/c1'
    expect(safeUrl('/chat/c1/media/m1?key=k', base)).toBe('https://shop.example/chat/c1/media/m1?key=k')
    expect(safeUrl('javascript:alert(1)', base)).toBeNull()
  })
})

describe('the thread', () => {
  it('shows each message once and in order, whatever arrives twice or late', () => {
    const thread = new Thread()
    expect([message(3), message(1), message(3), message(2)].map((m) => thread.add(m))).toEqual([
      true,
      true,
      false,
      true,
    ])
    expect(thread.messages().map((m) => m.cursor)).toEqual([1, 2, 3])
    expect(thread.cursor()).toBe(3)
    expect(thread.unread(1)).toBe(2)
  })
  it('replaces what was sent by what was kept, and never queues it again', () => {
    const thread = new Thread()
    const mine = { client_id: 'abcdefgh', at: 1, type: 'text' as const, text: 'Hi', state: 'waiting' as const }
    expect(thread.queue(mine)).toBe(true)
    expect(thread.queue(mine)).toBe(false)
    thread.add(message(1, { direction: 'in', author: 'visitor', client_id: 'abcdefgh' }))
    expect(thread.pending()).toEqual([])
    expect(thread.queue(mine)).toBe(false)
  })
})

it('events are read from pieces of any size, with heartbeats and garbage between them', () => {
  const heard: [string, unknown][] = []
  const take = eventParser((name, data) => heard.push([name, data]))
  const text =
    ': \n\nevent: typing\ndata: {"on":true}\n\nevent: delta\r\ndata: {"text":\r\ndata: "a"}\r\n\r\ndata: nonsense\n\nid: 4\ndata: 1\n\n'
  for (const letter of text) take(letter)
  expect(heard).toEqual([
    ['typing', { on: true }],
    ['delta', { text: 'a' }],
    ['message', 1],
  ])
})

it('any colour of a business gives words that can be read, by day and by night', () => {
  const rgb = (css: string) => css.match(/\d+/g)?.map(Number) as [number, number, number]
  for (const accent of [null, '#0b7a5c', '#ffee00', '#000', '#ffffff', '#ff6a00', '#88c', 'nonsense']) {
    for (const dark of [false, true]) {
      const { fill, on, line } = shades(accent, dark)
      expect(contrast(rgb(fill), rgb(on)), `${accent} ${dark}`).toBeGreaterThanOrEqual(4.5)
      expect(contrast(rgb(line), dark ? [28, 34, 31] : [255, 255, 255]), `${accent} ${dark}`).toBeGreaterThanOrEqual(
        4.4,
      )
    }
  }
  expect(parseHex('#0b7a5c')).toEqual([11, 122, 92])
})

it('every language has every word, and unknown ones speak English', () => {
  for (const language of 'en es pt fr de it nl af hi ar he id sw'.split(' ')) {
    const words = wordsOf(language)
    expect(words('newest'), language).not.toBe('')
    expect(words('page', 'FAQ', 2), language).toMatch(/FAQ.*2/)
    expect(words('from', 'FAQ'), language).toContain('FAQ')
  }
  expect([choose('pt-BR'), choose(null, 'xx', 'de'), choose('xx'), choose('in')]).toEqual(['pt', 'de', 'en', 'id'])
  expect(['ar', 'he-IL', 'fa', 'ur', 'en'].map(isRightToLeft)).toEqual([true, true, true, true, false])
})

it('the script finds its own address, also when the browser does not say which one runs', () => {
  document.head.innerHTML = `<script src="https://cdn.example/widget.js"></script>
    <script src="https://shop.example/sub/chat/c-1/widget.js?v=2"></script><script src="/x.js"></script>`
  const found = findScript(null, document.scripts)
  expect(found && baseOf(found)).toBe('https://shop.example/sub/chat/c-1')
})
