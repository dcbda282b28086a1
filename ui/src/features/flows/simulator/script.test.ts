// The simulator's script: without these, stepping back would lose what was tried, or ask a model twice.
import { describe, expect, it } from 'vitest'
import type { Action, Line } from '../types'
import { entriesOf, optionsOf, tappable } from './contents'
import {
  act,
  back,
  begin,
  canGoBack,
  forward,
  goTo,
  nthOf,
  played,
  record,
  restart,
  scriptOf,
  switchTake,
} from './script'
import { fromField, lengthText, nextAt, toField } from './times'
import { fromWords, shapeOf, toWords, valueText } from './values'

const say = (text: string): Action => ({ do: 'say', text })
const outcome = (seq: number): Action => ({ do: 'outcome', seq, outcome: { text: 'R 1,450' } })
const setup = { start_at: 0, channel: 'webchat' as const, contact: {}, first_contact: true, live: true }
const texts = (actions: Action[]) => actions.map((action) => ('text' in action ? action.text : action.do))

describe('stepping back', () => {
  it('shows the talk as it was, and forward brings it back', () => {
    let book = begin(setup, [say('a'), say('b'), outcome(1), say('c')])
    book = back(back(book))
    expect(texts(played(book))).toEqual(['a'])
    book = forward(book)
    expect(texts(played(book))).toEqual(['a', 'b', 'outcome'])
    book = forward(book)
    expect(book.at).toBeNull()
    expect(texts(played(book))).toEqual(['a', 'b', 'outcome', 'c'])
  })
  it('ends at the beginning', () => {
    const book = back(back(begin(setup, [say('a')])))
    expect(played(book)).toEqual([])
    expect(canGoBack(book)).toBe(false)
  })
  it('another word there begins another take; the first one can be returned to', () => {
    const first = begin(setup, [say('a'), say('b')])
    const second = act(goTo(first, 1), say('x'))
    expect(texts(played(second))).toEqual(['a', 'x'])
    expect(second.takes).toHaveLength(2)
    expect(texts(played(switchTake(second, 1)))).toEqual(['a', 'b'])
  })
  it('going on at the end stays the same take', () => {
    expect(act(begin(setup, [say('a')]), say('b')).takes).toHaveLength(1)
  })
  it('beginning anew keeps what was tried', () => {
    const anew = restart(begin(setup, [say('a')]))
    expect(played(anew)).toEqual([])
    expect(anew.takes).toHaveLength(2)
    expect(restart(anew).takes).toHaveLength(2)
  })
  it('keeps no more takes than a list can show', () => {
    let book = begin(setup, [say('a')])
    for (let i = 0; i < 40; i++) book = act(goTo(book, 0), say(`${i}`))
    expect(book.takes).toHaveLength(20)
    expect(texts(played(book))).toEqual(['39'])
  })
})

describe('what effects gave', () => {
  it('is kept, so that a model is asked once', () => {
    const sent = [say('a')]
    const book = record(begin(setup, sent), sent, [say('a'), outcome(1)])
    expect(scriptOf(book, 'main').actions).toEqual([say('a'), outcome(1)])
  })
  it('is let go when the talk went on meanwhile', () => {
    const book = begin(setup, [say('a'), say('b')])
    expect(record(book, [say('a')], [say('a'), outcome(1)])).toBe(book)
  })
  it('in the past keeps what came later', () => {
    const book = record(goTo(begin(setup, [say('a'), say('b')]), 1), [say('a')], [say('a'), outcome(1)])
    expect(texts(played(book))).toEqual(['a', 'outcome'])
    expect(texts(played(forward(book)))).toEqual(['a', 'outcome', 'b'])
  })
})

it('counts the messages of the customer for changing one', () => {
  const actions: Action[] = [say('a'), { do: 'pass', ms: 1 }, { do: 'pick', id: 'x', title: 'X' }]
  expect(actions.map((_, i) => nthOf(actions, i))).toEqual([0, null, 1])
})

describe('the talk', () => {
  const line = (at: number, action: number, who: Line['who'] = 'bot'): Line => ({ at, action, who, text: who })
  it('tells deeds where they happened, and how much time went by', () => {
    const actions: Action[] = [say('a'), { do: 'pass', ms: 3_600_000 }, say('b'), { do: 'person', on: true }]
    const kinds = (lines: Line[], done: Action[]) =>
      entriesOf(lines, done, 9_000_000).map((entry) =>
        'line' in entry ? entry.line.who : 'deed' in entry ? entry.deed.do : entry.gap,
      )
    const lines = [line(0, 0, 'customer'), line(1, 0), line(3_600_001, 2, 'customer')]
    expect(kinds(lines, actions)).toEqual(['customer', 'bot', 'pass', 'customer', 'person'])
    // What the flow waited by itself is told, too.
    expect(kinds([line(0, 0, 'customer'), line(3_600_000, 0)], [say('a')])).toEqual(['customer', 3_600_000, 'bot'])
  })
  it('tells a deed in the words of the program where it has some', () => {
    const note: Line = { ...line(0, 1, 'note'), text: 'The flow had used it already; nothing was taken back.' }
    const entries = entriesOf([line(0, 0, 'customer'), note], [say('a'), { do: 'delete', nth: 0 }], 0)
    expect(entries).toHaveLength(2)
    expect(entries[1]).toMatchObject({ deed: { do: 'delete' }, said: note.text })
  })
  it('can only be tapped at its newest message', () => {
    const buttons = { kind: 'buttons' as const, text: 'Which?', buttons: [{ id: 'a', title: 'A' }] }
    const asked: Line = { ...line(0, 0), content: buttons }
    expect(optionsOf(tappable([asked])?.content)).toEqual([{ id: 'a', title: 'A' }])
    expect(tappable([asked, line(1, 0, 'note')])).toBe(asked)
    expect(tappable([asked, line(1, 1, 'customer')])).toBeNull()
  })
})

describe('time', () => {
  it.each([
    [0, '0 seconds'],
    [45_000, '45 seconds'],
    [60_000, '1 minute'],
    [7_200_000, '2 hours'],
    [97_200_000, '1 day 3 hours'],
    [86_404_000, '1 day'],
  ])('%i ms is %s', (ms, words) => expect(lengthText(ms, 'en')).toBe(words))
  it.each([
    ['Africa/Johannesburg', '2026-11-21T17:40'],
    ['Europe/Berlin', '2026-03-29T03:30'],
    ['Europe/Berlin', '2026-10-25T12:00'],
    ['Asia/Kathmandu', '2026-01-01T00:05'],
  ])('a field in %s keeps %s', (zone, text) => {
    const at = fromField(text, zone)
    expect(at === null ? null : toField(at, zone)).toBe(text)
  })
  it('no moment is no moment', () => expect(fromField('', 'UTC')).toBeNull())
  it('tomorrow morning is tomorrow where the shop is', () => {
    const late = Date.parse('2026-11-21T23:30:00Z') // Already the 22nd in Johannesburg.
    expect(toField(nextAt(late, '09:00', 'Africa/Johannesburg'), 'Africa/Johannesburg')).toBe('2026-11-23T09:00')
  })
})

describe('values', () => {
  const t = (key: string, options?: Record<string, unknown>) => `${key}${options?.count ?? ''}`
  it.each([
    [null, 'flowtries:value.empty'],
    [true, 'flowtries:value.yes'],
    [12.5, '12.5'],
    [['a', 'b'], 'a, b'],
    [{ first_name: 'Ann', age: 3 }, 'first name: Ann, age: 3'],
    [[], 'flowtries:value.none'],
  ])('%j reads as words', (value, words) => expect(valueText(value, t)).toBe(words))
  it.each([['two'], [2], [true], [{ a: [1] }]])('%j comes back from its field as it was', (value) =>
    expect(fromWords(toWords(value), shapeOf(value))).toEqual(value),
  )
  it('words that are no number are not taken for one', () => expect(fromWords('ten', 'number')).toBeUndefined())
})
