// What people do to flows: nothing they made may be lost, no way may lead where it must not.
import { describe, expect, it } from 'vitest'
import type { Flow, Kind, Step } from '../types'
import { heightOf, placesOf } from './card'
import { copy, fromText, paste, toText } from './clipboard'
import { connect, group, insertOnEdge, newStep, removeSteps, replaceStep, ungroup } from './editing'
import { Editor } from './editor'
import { arrange, covered, downwards, freePlace, placeOn } from './layout'
import { find, inOrder, neighbour } from './walk'
import { freeWay, refusal, shownWays, waysOf } from './ways'

const kind = (name: string, extra: Partial<Kind> = {}): Kind => ({
  name,
  group: 'logic',
  title: name,
  help: '',
  fields: [],
  branches: [{ name: 'next', title: '', needed: true }],
  outside: false,
  entry: false,
  writes: [],
  defaults: {},
  example: {},
  example_says: '',
  channels: [],
  ...extra,
})
/** `next*` is needed. */
const branch = (text: string) => ({ name: text.replace('*', ''), title: text, needed: text.endsWith('*') })
const yesNo = ['yes', 'no'].map((name) => ({ name, title: name, needed: true }))
const kinds = new Map(
  [
    kind('start', { entry: true }),
    kind('text'),
    kind('condition', { branches: yesNo }),
    kind('choices', { branches: [{ name: 'other', title: 'else', needed: false }], branches_from: 'choices' }),
    kind('http', {
      outside: true,
      branches: [
        { name: 'next', title: '', needed: true },
        { name: 'failed', title: 'went wrong', needed: false },
      ],
    }),
    kind('jump', {
      branches: [],
      fields: [{ name: 'step', label: '', help: '', required: true, input: { input: 'step' } }],
    }),
    kind('comment', { branches: [] }),
    kind('ask', { branches: ['next*', 'skipped', 'failed'].map(branch) }),
    kind('ask_choice', { branches: ['next', 'failed'].map(branch), branches_from: 'choices' }),
    kind('ask_yes_no', { branches: ['yes', 'no', 'next', 'failed'].map(branch) }),
    kind('answer', { branches: ['answered', 'unknown*', 'failed'].map(branch), outside: true }),
    kind('book', { branches: ['next*', 'taken*', 'failed'].map(branch), outside: true }),
  ].map((one) => [one.name, one]),
)
const step = (id: string, of = 'text', extra: Partial<Step> = {}): Step => ({
  id,
  kind: of,
  position: { x: 0, y: 0 },
  fields: {},
  ...extra,
})
const flow = (steps: Step[], ways: string[] = []): Flow => ({
  id: 'f',
  name: 'F',
  inputs: [],
  outputs: [],
  groups: [],
  steps,
  edges: ways.map((way) => {
    const [from = '', branch = '', to = ''] = way.split(' ')
    return { from, branch, to }
  }),
})
const ways = (of: Flow) => of.edges.map((edge) => `${edge.from} ${edge.branch} ${edge.to}`)

const choices = step('c', 'choices', {
  fields: {
    choices: [
      { id: 'a', title: 'A' },
      { id: 'b', title: 'B' },
    ],
  },
})

describe('ways', () => {
  it('come from the list and the kind, and the one for failures where it is wanted or worked on', () => {
    expect(waysOf(choices, kinds.get('choices')).map((way) => way.branch)).toEqual(['a', 'b', 'other'])
    const asked = step('h', 'http')
    expect(shownWays(asked, kinds.get('http'), []).map((way) => way.branch)).toEqual(['next'])
    const caring = { ...asked, failure: { retries: 0, wait_ms: 0, then: 'branch' as const } }
    expect(shownWays(caring, kinds.get('http'), []).map((way) => way.branch)).toEqual(['next', 'failed'])
    expect(shownWays(asked, kinds.get('http'), [{ from: 'h', branch: 'failed', to: 'x' }])).toHaveLength(2)
    expect(heightOf(choices, kinds.get('choices'), [])).toBeGreaterThan(heightOf(step('t'), kinds.get('text'), []))
  })
  // What a card shows by itself, what it shows while one works on it, and where the next step goes.
  it.each([
    ['ask', 'next', 'next skipped failed', 'next'],
    ['ask_choice', 'a b next', 'a b next failed', 'a'],
    ['ask_yes_no', 'yes no next', 'yes no next failed', 'yes'],
    ['answer', 'answered unknown', 'answered unknown failed', 'answered'],
    ['book', 'next taken', 'next taken failed', 'next'],
    ['http', 'next', 'next failed', 'next'],
  ])('of %s: %s, opened %s; first %s', (name, few, all, first) => {
    const one = step('s', name, { fields: choices.fields })
    const names = (open: boolean) => shownWays(one, kinds.get(name), [], open).map((way) => way.branch)
    expect([names(false).join(' '), names(true).join(' ')]).toEqual([few, all])
    expect(freeWay(flow([one]), one, kinds.get(name))).toBe(first)
    const taken = flow(
      [one],
      few.split(' ').map((way) => `s ${way} x`),
    )
    expect(freeWay(taken, one, kinds.get(name))).toBeNull()
  })
  it.each([
    ['text', 'next', ''],
    ['ask', 'next', 'skipped failed'],
    ['book', undefined, 'next taken failed'],
    ['condition', undefined, 'yes no'],
  ])('%s goes on beside its name by %s', (name, head, rows) => {
    const places = placesOf(shownWays(step('s', name), kinds.get(name), [], true))
    expect([places.head?.branch, places.rows.map((way) => way.branch).join(' ')]).toEqual([head, rows])
  })
  it.each([
    ['a next b', null],
    ['a next a', 'itself'],
    ['a next start', 'entry'],
    ['a next note', 'note'],
    ['a maybe b', 'noWay'],
    ['a next nowhere', 'gone'],
    ['if no b', null],
  ])('%s: %s', (way, wanted) => {
    const all = flow([step('start', 'start'), step('a'), step('b'), step('if', 'condition'), step('note', 'comment')])
    const [from = '', branch = '', to = ''] = way.split(' ')
    expect(refusal(all, kinds, from, branch, to)).toBe(wanted)
  })
  it('lead to one step each: drawn anew they lead there instead', () => {
    expect(
      ways(connect(flow([step('a'), step('b'), step('c')], ['a next b']), { from: 'a', branch: 'next', to: 'c' })),
    ).toEqual(['a next c'])
    expect(
      freeWay(flow([step('if', 'condition')], ['if yes b']), step('if', 'condition'), kinds.get('condition')),
    ).toBe('no')
  })
})

describe('editing', () => {
  it('a step laid onto a way stands between its ends', () => {
    const made = newStep(kinds.get('condition') as Kind, { x: 1.4, y: 2 })
    const all = insertOnEdge(
      flow([step('a'), step('b')], ['a next b']),
      made,
      { from: 'a', branch: 'next', to: 'b' },
      kinds.get('condition'),
    )
    expect(ways(all)).toEqual([`a next ${made.id}`, `${made.id} yes b`])
    expect(made.position).toEqual({ x: 1, y: 2 })
  })
  it.each([
    ['a plain one joins its neighbours', ['b'], ['a next c']],
    ['two in a row, too', ['b', 'c'], []],
    ['the first one leaves the rest', ['a'], ['b next c']],
  ])('deleting: %s', (_, ids, left) => {
    const all = flow([step('a'), step('b'), step('c')], ['a next b', 'b next c'])
    expect(ways(removeSteps(all, new Set(ids)))).toEqual(left)
  })
  it('deleting a fork joins nothing, and deleting never makes a step lead to itself', () => {
    const fork = flow([step('a'), step('if', 'condition'), step('b')], ['a next if', 'if yes b', 'if no a'])
    expect(ways(removeSteps(fork, new Set(['if'])))).toEqual([])
    const loop = flow([step('a'), step('b')], ['a next b', 'b next a'])
    expect(ways(removeSteps(loop, new Set(['b'])))).toEqual([])
  })
  it('the way of a choice that was deleted goes with it', () => {
    const all = flow([choices, step('x')], ['c a x', 'c b x', 'c other x'])
    const fewer = { ...choices, fields: { choices: [{ id: 'a', title: 'A' }] } }
    expect(ways(replaceStep(all, fewer, kinds))).toEqual(['c a x', 'c other x'])
  })
  it('a frame around nothing vanishes', () => {
    const framed = group(flow([step('a'), step('b')]), new Set(['a', 'b']), 'Together')
    expect(framed.groups).toHaveLength(1)
    expect(ungroup(framed, new Set(['a'])).groups).toHaveLength(1)
    expect(ungroup(framed, new Set(['a', 'b'])).groups).toHaveLength(0)
    expect(removeSteps(framed, new Set(['a', 'b'])).groups).toHaveLength(0)
  })
})

describe('clipboard', () => {
  it('brings steps into another flow with own ids, the ways between them, and what pointed at them', () => {
    const from = flow(
      [step('a', 'text', { position: { x: 500, y: 90 } }), step('j', 'jump', { fields: { step: 'a' } }), step('z')],
      ['a next j', 'z next a'],
    )
    const copied = fromText(toText(copy(from, new Set(['a', 'j']))))
    if (!copied) throw new Error('not read')
    const { flow: to, ids } = paste(flow([step('a')]), copied, { x: 10, y: 20 }, kinds)
    expect(to.steps).toHaveLength(3)
    expect(ids).not.toContain('a')
    expect(ways(to)).toEqual([`${ids[0]} next ${ids[1]}`])
    expect(to.steps[2]?.fields.step).toBe(ids[0])
    expect(to.steps[2]?.position).toEqual({ x: 10, y: 20 })
  })
  it.each([
    '',
    'Hello',
    '{"botflow-steps":2',
    '{"botflow-steps":2,"steps":"x"}',
    '{"botflow-steps":2,"steps":[{"id":1}]}',
  ])('does not take %s for steps', (text) => expect(fromText(text)).toBeNull())
  it('takes only what it understands of a foreign text', () => {
    const read = fromText(
      '{"botflow-steps":2,"steps":[{"id":"a","kind":"text","fields":7,"position":null},5],"edges":[{"from":1}],"groups":3}',
    )
    expect(read).toEqual({ steps: [step('a')], edges: [], groups: [] })
  })
})

describe('undo', () => {
  it('goes back and forth, joins what is typed into one field, and forgets the future after a change', () => {
    const editor = new Editor(flow([]))
    const name = (words: string, tag: string | null) => editor.edit((now) => ({ ...now, name: words }), tag)
    name('one', null)
    name('two', 'field')
    name('twoo', 'field')
    editor.undo()
    expect(editor.flow.name).toBe('one')
    editor.redo()
    expect(editor.flow.name).toBe('twoo')
    editor.undo()
    name('three', null)
    editor.redo()
    expect(editor.flow.name).toBe('three')
    editor.undo()
    editor.undo()
    editor.undo()
    expect(editor.flow.name).toBe('F')
  })
  it('what is gone is no longer chosen', () => {
    const editor = new Editor(flow([step('a'), step('b')]))
    editor.select(['a', 'b'])
    editor.edit((now) => removeSteps(now, new Set(['a'])))
    expect([...editor.read().selected]).toEqual(['b'])
  })
})

describe('layout', () => {
  const all = flow(
    [step('start', 'start'), choices, step('x'), step('y')],
    ['start next c', 'c a x', 'c b y', 'x next c'],
  )
  it('stands from left to right without covering anything', () => {
    expect(covered(all, kinds)).toBe(true)
    const places = arrange(all, kinds)
    const laid = { ...all, steps: all.steps.map((one) => ({ ...one, position: places.get(one.id) ?? one.position })) }
    expect(covered(laid, kinds)).toBe(false)
    expect(downwards(laid)).toBe(false)
    expect(places.get('start')?.x).toBeLessThan(places.get('c')?.x ?? 0)
    expect(
      covered(
        {
          ...laid,
          steps: [
            ...laid.steps,
            { ...step('new'), position: freePlace(laid, kinds, places.get('c') ?? { x: 0, y: 0 }, 92) },
          ],
        },
        kinds,
      ),
    ).toBe(false)
  })
  it('what is laid onto a short way pushes the rest on', () => {
    const row = flow([step('a'), step('b', 'text', { position: { x: 330, y: 0 } })], ['a next b'])
    const { at, moved } = placeOn(row, kinds, { from: 'a', branch: 'next', to: 'b' }, 92)
    expect(at.x).toBeGreaterThan(256)
    expect((moved.get('b')?.x ?? 0) - at.x).toBeGreaterThan(256)
    expect(moved.has('a')).toBe(false)
  })
  it('a flow of five hundred steps is laid out in reasonable time', () => {
    const steps = Array.from({ length: 500 }, (_, i) => step(`s${i}`))
    const many = flow(
      steps,
      steps.slice(1).map((_, i) => `s${i} next s${i + 1}`),
    )
    const places = [...arrange(many, kinds).values()]
    expect(places).toHaveLength(500)
    // It goes on in new lines rather than without end to the right.
    expect(Math.max(...places.map((place) => place.x))).toBeLessThan(6_000)
  })
})

describe('walking', () => {
  const all = flow(
    [
      step('loose', 'text', { fields: { text: 'Crème brûlée' } }),
      step('note', 'comment'),
      step('b'),
      step('if', 'condition'),
      step('start', 'start'),
    ],
    ['start next if', 'if no loose2', 'if yes b', 'b next if'],
  )
  it('goes as a customer does, and loses neither loops nor loose steps', () => {
    expect(inOrder(all, kinds).map((one) => one.id)).toEqual(['start', 'if', 'b', 'loose', 'note'])
  })
  it('follows ways, then looks for what lies there', () => {
    const row = flow(
      [step('a'), step('b', 'text', { position: { x: 300, y: 0 } }), step('c', 'text', { position: { x: 0, y: 300 } })],
      ['a next b'],
    )
    expect(neighbour(row, 'a', 'ArrowRight')).toBe('b')
    expect(neighbour(row, 'b', 'ArrowLeft')).toBe('a')
    expect(neighbour(row, 'a', 'ArrowDown')).toBe('c')
    expect(neighbour(row, 'a', 'ArrowUp')).toBeNull()
  })
  it.each([
    ['creme', ['loose']],
    ['says b', ['b', 'loose']],
    ['nothing like it', []],
  ])('finds %s', (query, wanted) => {
    expect(find(all.steps, query, (one) => `Says ${one.id}`).map((one) => one.id)).toEqual(wanted)
  })
})
