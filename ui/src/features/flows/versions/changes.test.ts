// What changed between versions: without these, an owner would publish something else than what was read.
import { describe, expect, it } from 'vitest'
import type { Field, Flow, Step } from '../types'
import { BOX, drawingOf, pieces, settingText, wayTitle } from './changes'
import { chooseAll, moveOf, type Open } from './moving'

const step = (id: string, x: number, fields = {}): Step => ({ id, kind: 'text', position: { x, y: 0 }, fields })
const flow = (steps: Step[], edges: Flow['edges'] = []): Flow => ({
  id: 'f',
  name: 'F',
  inputs: [],
  outputs: [],
  steps,
  edges,
  groups: [],
})
const name = ({ id }: Step) => ({ title: id, about: '' })

describe('words', () => {
  it.each([
    ['same', 'same', 'same'],
    ['We open at 9', 'We open at 8', 'We open at -9-+8+'],
    ['', 'Hello', '+Hello+'],
    ['Bye now', '', '-Bye now-'],
    ['a b c', 'a c', 'a -b -c'],
  ])('%s → %s', (before, after, shown) => {
    const sign = { same: '', added: '+', removed: '-' }
    expect(
      pieces(before, after)
        .map(({ text, state }) => `${sign[state]}${text}${sign[state]}`)
        .join(''),
    ).toBe(shown)
  })
  it('a very long text costs no more than showing it', () => {
    const long = 'word '.repeat(50_000)
    expect(pieces(long, `${long}!`)).toHaveLength(2)
  })
})

describe('settings', () => {
  const t = (key: string) => key
  const field = (input: Field['input']): Field => ({ name: 'x', label: 'X', help: '', required: false, input })
  it.each<[unknown, Field | undefined, string]>([
    [7_200_000, field({ input: 'duration', min_ms: 0, max_ms: 1 }), '2 hours'],
    ['b', field({ input: 'pick', options: [{ value: 'b', label: 'Both' }] }), 'Both'],
    [
      [
        { id: '1', title: 'Repair' },
        { id: '2', title: 'Buy' },
      ],
      undefined,
      'Repair, Buy',
    ],
    [{ all: [{ left: 'size', op: 'at_least', right: '3' }], any: [] }, field({ input: 'rules' }), 'size at least 3'],
    [undefined, undefined, ''],
  ])('%j reads as words', (value, of, words) => expect(settingText(value, of, t, 'en')).toBe(words))
})

describe('the drawing', () => {
  it('shows what came, went and changed; moving a step is no change', () => {
    const drawing = drawingOf(
      flow([step('gone', 0), step('moved', 100), step('other', 200, { text: 'a' })]),
      flow([step('moved', 900), step('other', 200, { text: 'b' }), step('new', 300)]),
      name,
    )
    expect(Object.fromEntries(drawing.boxes.map((box) => [box.id, box.mark]))).toEqual({
      gone: 'removed',
      moved: 'same',
      other: 'changed',
      new: 'added',
    })
    expect(drawing.width).toBe(900 + BOX.width + 2 * BOX.edge)
  })
  it('shows ways that came and went, and none that leads nowhere', () => {
    const steps = [step('a', 0), step('b', 400)]
    const drawing = drawingOf(
      flow(steps, [{ from: 'a', branch: 'next', to: 'b' }]),
      flow(steps, [
        { from: 'b', branch: 'next', to: 'a' },
        { from: 'a', branch: 'next', to: 'lost' },
      ]),
      name,
    )
    expect(drawing.ways.map((way) => way.mark)).toEqual(['added', 'removed'])
  })
  it('of nothing is empty', () => expect(drawingOf(undefined, undefined, name).boxes).toEqual([]))
})

it('a way is called after the choice that it belongs to', () => {
  const kind = { name: 'text', branches: [], branches_from: 'choices' } as never
  const asked = step('a', 0, { choices: [{ id: 'c1', title: 'Repair' }] })
  expect(wayTitle(asked, 'c1', [kind])).toBe('Repair')
})

describe('open conversations', () => {
  const open = (conversation: string, problem?: string): Open => ({
    conversation,
    contact: '',
    flow: '',
    step: '',
    step_title: '',
    problem: problem ?? null,
  })
  const list = [open('a'), open('b', 'Its step is gone')]
  it('stay where they are unless somebody says so', () =>
    expect(moveOf(list, new Map())).toEqual({ move: 'none', moved: [] }))
  it.each(['none', 'safe', 'all'] as const)('%s is asked for as such', (which) =>
    expect(moveOf(list, chooseAll(list, which)).move).toBe(which),
  )
  it('single choices name themselves', () =>
    expect(moveOf(list, new Map([['b', 'move']]))).toEqual({ move: 'none', moved: ['b'] }))
})
