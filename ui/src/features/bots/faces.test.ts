// The flow's faces: what a step does must be readable by somebody who never saw a flow, wherever it stands.
import { expect, it } from 'vitest'
import { i18next } from '@/i18n'
import { makeFormat } from '@/lib/format'
import { branchWord, plain, titleOfStep, wordsOfStep } from './faces'
import { CARD, layOut, place, readable, walk } from './layout'
import type { Step } from './types'

const t = i18next.getFixedT('en', 'bots')
const format = makeFormat({ language: 'en', country: 'US', timezone: 'UTC', currency: 'ZAR' })

it.each<[Step, string, string]>([
  [
    { id: '1', kind: 'message', content: { kind: 'text', text: 'Hi {{ contact.first_name | default: "you" }}!' } },
    'Sends a message',
    '“Hi [first name]!”',
  ],
  [{ id: '2', kind: 'wait', duration_ms: 120_000 }, 'Waits', 'Waits 2 min, then goes on'],
  [{ id: '2d', kind: 'wait', duration_ms: 259_200_000 }, 'Waits', 'Waits 3 days, then goes on'],
  [
    { id: '3', kind: 'choices', title: 'Which?', text: 'Which one?', choices: [{ id: 'a', title: 'A' }] },
    'Which?',
    '“Which one?” A',
  ],
  [
    { id: '4', kind: 'http', url: 'not an address' },
    'Asks another program',
    'Asks a program outside of BotFlow and notes what it says',
  ],
  [
    {
      id: '6',
      kind: 'condition',
      any: [
        { left: '{{ last.text }}', op: 'is_greeting' },
        { left: '{{ last.text }}', op: 'is_empty' },
      ],
    },
    'Decides',
    'Looks whether it is only a greeting or it has no words',
  ],
  [
    { id: '7', kind: 'condition', all: [{ left: '{{ contact.name }}', op: 'is_not_empty' }] },
    'Decides',
    'Looks whether the name is known',
  ],
  [{ id: '5', kind: 'hologram' }, 'Step', 'This version does not know this step'],
])('%j', (step, title, words) => {
  expect([titleOfStep(step, t), wordsOfStep(step, t, format)]).toEqual([title, words])
})

it('ways out are named by their choice or in plain words, and plain ones not at all', () => {
  const step: Step = { id: 's', kind: 'choices', choices: [{ id: 'c1', title: 'Prices' }] }
  const word = (branch: string) => branchWord({ from: 's', branch, to: 'x' }, step, t)
  expect(['next', 'c1', 'unknown', 'odd'].map(word)).toEqual(['', 'Prices', 'no answer found', 'odd'])
  expect(plain('{{x}} and {{ run.order_id }}')).toBe('[x] and [order id]')
})

it('steps never cover each other, whatever was stored', () => {
  const steps: Step[] = ['a', 'b', 'c'].map((id) => ({ id, kind: 'message', position: { x: 0, y: 0 } }))
  const edges = [
    { from: 'a', branch: 'yes', to: 'b' },
    { from: 'a', branch: 'no', to: 'c' },
    { from: 'a', branch: 'gone', to: 'nowhere' },
  ]
  expect(readable(steps)).toBe(false)
  const placed = place(steps, edges, false)
  expect(readable(steps.map((step) => ({ ...step, position: placed.get(step.id) ?? { x: 0, y: 0 } })))).toBe(true)
  expect(placed.get('b')?.y).toBeGreaterThan((placed.get('a')?.y ?? 0) + CARD.height)
  expect(layOut([], []).size).toBe(0)
})

it('the list goes through the flow as a customer does, without losing loops or loose steps', () => {
  const steps: Step[] = ['loose', 'c', 'b', 'a'].map((id) => ({ id, kind: id === 'a' ? 'start' : 'message' }))
  const edges = [
    { from: 'a', branch: 'next', to: 'b' },
    { from: 'b', branch: 'yes', to: 'c' },
    { from: 'c', branch: 'next', to: 'b' },
  ]
  expect(walk(steps, edges).map((step) => step.id)).toEqual(['a', 'b', 'c', 'loose'])
})
