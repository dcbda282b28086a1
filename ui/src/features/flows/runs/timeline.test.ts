// The journal of runs: a button at the wrong entry would run the wrong part again.
import { expect, it } from 'vitest'
import type { RunEntry } from '../types'
import { isGiven, restartable, statusWord, totals } from './timeline'

const entry = (part: Partial<RunEntry>): RunEntry => ({ at: 0, flow: 'f', title: 'T', note: '', ...part })

it('a run begins again at the last time that it was at a step, and never where there was none', () =>
  expect(restartable([entry({ step: 'a' }), entry({}), entry({ step: 'b' }), entry({ step: 'a' })])).toEqual([
    false,
    false,
    true,
    true,
  ]))
it('time and cost are added up, unknown ones left out', () =>
  expect(totals([entry({ ms: 20, cost_cents: 0.5 }), entry({ ms: null }), entry({ cost_cents: 1 })])).toEqual({
    ms: 20,
    cents: 1.5,
  }))
it('a state of a newer program is shown in its own words', () =>
  expect(statusWord('on_hold', (_, options) => String(options?.defaultValue))).toBe('on hold'))
it.each([
  [{}, false],
  ['', false],
  [0, true],
  [false, true],
  [[1], true],
])('%j is something to show: %s', (value, given) => expect(isGiven(value)).toBe(given))
