// The rules behind the panel: expressions are completed where the caret is, values are known where they are kept, times come when they should.
import { describe, expect, it } from 'vitest'
import type { Flow, Kind, Step } from '../types'
import { cronOf, nextTimes, planOf, readCron } from './cron'
import { complete, completionAt, insertionAt, partsOf, segmentsOf, unitsOf } from './expression'
import { biggestUnit } from './inputs/units'
import { keptBy, knownAt, nameFrom, samplesOf, upstream } from './variables'

describe('completing an expression', () => {
  // `^` is the caret.
  it.each([
    ['Hi ^', null],
    ['Hi {{^', { what: 'name', word: '' }],
    ['Hi {{ contact.na^', { what: 'name', word: 'contact.na' }],
    ['{{ order | up^', { what: 'filter', word: 'up' }],
    ['{{ order |^', { what: 'filter', word: '' }],
    ['{{ order }} and ^', null],
    ['{{ order ^', null],
    ['{{ a if b^', { what: 'name', word: 'b' }],
    ['{{ name | default("th^', null],
    ['{{ 名^', { what: 'name', word: '名' }],
  ])('%s', (marked, wanted) => {
    const caret = marked.indexOf('^')
    const found = completionAt(marked.replace('^', ''), caret)
    expect(found && { what: found.what, word: found.word }).toEqual(wanted)
  })

  it.each([
    ['Hi {{^', 'contact.name', 'Hi {{ contact.name }}^'],
    ['Hi {{ con^!', 'contact.name', 'Hi {{ contact.name }}^!'],
    ['Hi {{ con^tact.x }}!', 'contact.name', 'Hi {{ contact.name }}^!'],
    ['{{ order | u^ }} {{ b }}', 'upper', '{{ order | upper }}^ {{ b }}'],
    ['{{ a^ and {{ b }}', 'city', '{{ city }}^ and {{ b }}'],
  ])('%s with %s', (marked, chosen, wanted) => {
    const text = marked.replace('^', '')
    const at = completionAt(text, marked.indexOf('^'))
    if (!at) throw new Error('nothing to complete')
    const done = complete(text, at, chosen)
    expect(`${done.text.slice(0, done.caret)}^${done.text.slice(done.caret)}`).toBe(wanted)
  })

  it('puts a value in where there is no expression yet, in place of what is marked', () => {
    expect(complete('Hi you!', insertionAt(3, 6), 'contact.name')).toEqual({
      text: 'Hi {{ contact.name }}!',
      caret: 21,
    })
  })

  it('marks expressions and what is wrong in them, also behind letters of two units', () => {
    expect(partsOf('a {{ b }} c').map((part) => part.is)).toEqual(['plain', 'expression', 'plain'])
    const text = '👍 {{ x y }}'
    const marked = segmentsOf(text, [unitsOf(text, { from: 7, to: 8 })])
    expect(marked.filter((part) => part.wrong).map((part) => part.text)).toEqual(['y'])
    expect(marked.map((part) => part.text).join('')).toBe(text)
  })
})

const kind = (name: string, extra: Partial<Kind> = {}): Kind => ({
  name,
  group: 'logic',
  title: name,
  help: '',
  fields: [],
  branches: [],
  outside: false,
  entry: false,
  writes: [],
  defaults: {},
  example: {},
  example_says: '',
  channels: [],
  ...extra,
})
const variable = {
  name: 'variable',
  label: '',
  help: '',
  required: true,
  input: { input: 'variable', of: 'text' },
} as const
const ask = kind('ask', { fields: [variable] })
const http = kind('http', {
  writes: [{ name: 'status', type: 'number' }],
  fields: [
    {
      name: 'save',
      label: '',
      help: '',
      required: false,
      input: { input: 'items', max: 5, noun: '', fields: [variable] },
    },
  ],
})
const kinds = new Map([ask, http].map((one) => [one.name, one]))
const step = (id: string, kindName: string, fields = {}): Step => ({
  id,
  kind: kindName,
  position: { x: 0, y: 0 },
  fields,
})
const flow: Flow = {
  id: 'f',
  name: '',
  inputs: [{ name: 'order', type: 'number' }],
  outputs: [],
  groups: [],
  steps: [
    step('a', 'ask', { variable: 'city' }),
    step('b', 'http', { save: [{ variable: 'price' }, { variable: 'not a name' }] }),
    step('c', 'ask', { variable: 'later' }),
    step('here', 'ask', { variable: 'own' }),
  ],
  edges: [
    { from: 'a', branch: 'next', to: 'b' },
    { from: 'b', branch: 'next', to: 'here' },
    { from: 'here', branch: 'next', to: 'a' },
    { from: 'here', branch: 'other', to: 'c' },
  ],
}

describe('what is known at a step', () => {
  it('comes from fields, lists and what a kind always keeps', () => {
    expect(keptBy(flow.steps[1] as Step, http).map((one) => one.name)).toEqual(['price', 'status'])
    expect(keptBy(step('x', 'gone'), undefined)).toEqual([])
  })
  it('is offered nearest first, and loops do not hang', () => {
    expect(upstream(flow, 'here')).toEqual(['b', 'a'])
    const known = knownAt(flow, flow.steps[3] as Step, kinds)
    expect(known.slice(0, 5).map((one) => [one.path, one.group])).toEqual([
      ['price', 'before'],
      ['status', 'before'],
      ['city', 'before'],
      ['order', 'flow'],
      ['later', 'elsewhere'],
    ])
    expect(known.some((one) => one.path === 'own')).toBe(false)
    expect(samplesOf(known)).toMatchObject({ city: 'Durban', contact: { name: expect.any(String) } })
  })
  it('names become what the program takes', () => {
    expect(['Order number', ' 2nd Café! ', '名'].map(nameFrom)).toEqual(['order_number', 'nd_cafe', ''])
  })
})

describe('times that repeat', () => {
  it.each([
    ['15 * * * *', 'hour'],
    ['0 9 * * *', 'day'],
    ['30 8 * * 1-5', 'week'],
    ['0 9 * * mon,fri', 'week'],
    ['0 9 1 * *', 'month'],
    ['*/5 * * * *', 'own'],
    ['0 9 1 1 *', 'own'],
    ['rubbish', 'own'],
    ['61 * * * *', 'own'],
  ])('%s is every %s', (text, every) => {
    const plan = planOf(text)
    expect(plan.every).toBe(every)
    if (plan.every !== 'own') expect(planOf(cronOf(plan))).toEqual(plan)
  })

  const at = (text: string) => Date.parse(text)
  it.each([
    ['0 9 * * *', 'Africa/Johannesburg', ['2027-03-14T07:00Z', '2027-03-15T07:00Z', '2027-03-16T07:00Z']],
    ['0 9 * * 1', 'UTC', ['2027-03-15T09:00Z', '2027-03-22T09:00Z', '2027-03-29T09:00Z']],
    // The clock goes forward in Berlin on 28 March 2027.
    ['0 9 27-29 3 *', 'Europe/Berlin', ['2027-03-27T08:00Z', '2027-03-28T07:00Z', '2027-03-29T07:00Z']],
    ['0 0 13 * 5', 'UTC', ['2027-03-19T00:00Z', '2027-03-26T00:00Z', '2027-04-02T00:00Z']],
    ['0 0 31 2 *', 'UTC', []],
  ])('%s in %s', (text, zone, wanted) => {
    expect(nextTimes(text, at('2027-03-14T06:59:30Z'), 3, zone)).toEqual(wanted.map(at))
  })
  it('both 0 and 7 are Sunday', () => expect([...(readCron('0 0 * * 7')?.weekdays ?? [])]).toEqual([0]))
})

it('lengths of time are said in the largest unit without a rest', () => {
  expect([90_000, 60_000, 7_200_000, 5_400_000, 172_800_000, 500, 0].map((ms) => biggestUnit(ms).name)).toEqual([
    'second',
    'minute',
    'hour',
    'minute',
    'day',
    'second',
    'second',
  ])
})
