// What an owner would miss in a thread: order, days, the question behind an answer, the next conversation.
import { expect, it } from 'vitest'
import type { Channel } from '@/api/types'
import { neighbour, questionBefore, templateFor, threadOf, windowClosed } from './thread'
import type { Message } from './types'

const DAY = 86_400_000
const dayOf = (at: number) => String(Math.floor(at / DAY))
const say = (id: string, at: number, text: string, kind: 'contact' | 'bot' = 'contact'): Message => ({
  id,
  direction: kind === 'contact' ? 'in' : 'out',
  author: { kind, name: null },
  content: { kind: 'text', text },
  status: 'received',
  error: null,
  answer: null,
  reactions: [],
  replied_to: null,
  edited_at: null,
  deleted: false,
  at,
})

it('messages stand oldest first, once each, under their day, in bursts', () => {
  const list = [say('d', DAY + 1, 'x', 'bot'), say('c', 2_000, 'x'), say('c', 2_000, 'x'), say('b', 1_000, 'x')]
  expect(
    threadOf(list, dayOf).map((i) => (i.kind === 'day' ? 'day' : `${i.key}${i.lead ? '<' : ''}${i.last ? '>' : ''}`)),
  ).toEqual(['day', 'b<', 'c>', 'day', 'd<>'])
})

it('teaching begins with all that the customer asked in one breath', () => {
  const list = [
    say('a', 5, 'R 5', 'bot'),
    say('q2', 4, 'for the A15?'),
    say('q1', 3, 'How much'),
    say('o', 2, 'Hi', 'bot'),
    say('q0', 1, 'Hey'),
  ]
  expect(questionBefore(list, 'a')).toBe('How much for the A15?')
  expect(questionBefore(list, 'q0')).toBe('')
})

it('the door for free words is closed only where there is one', () => {
  expect([windowClosed(null, 5), windowClosed(6, 5), windowClosed(5, 5)]).toEqual([false, false, true])
})

it('j and k walk the list and stop at its ends', () => {
  expect(neighbour(['a', 'b'], undefined, 1)).toBe('a')
  expect(neighbour(['a', 'b'], 'a', 1)).toBe('b')
  expect(neighbour(['a', 'b'], 'b', 1)).toBeNull()
  expect(neighbour(['a', 'b'], 'gone', -1)).toBe('a')
  expect(neighbour([], 'a', 1)).toBeNull()
})

it('only an approved message that carries words and was not refused lets one write after 24 hours', () => {
  const template = { name: 'we_are_here', language: 'en', with_text: true, problem: null }
  const of = (fallback_template: object | null) =>
    templateFor({ whatsapp: { fallback_template } } as unknown as Pick<Channel, 'whatsapp'>)
  expect(of(template)?.name).toBe('we_are_here')
  expect(of({ ...template, with_text: false })).toBeNull()
  expect(of({ ...template, problem: 'WhatsApp refused it.' })).toBeNull()
  expect(of(null)).toBeNull()
  expect(templateFor({ whatsapp: null })).toBeNull()
})
