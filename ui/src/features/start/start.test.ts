// Coming back to the first ten minutes where they were left.
import { describe, expect, it } from 'vitest'
import type { ChecklistId } from '@/api/types'
import { stepToResume } from './StartPage'

const ALL: ChecklistId[] = ['business', 'knowledge', 'ask', 'channel', 'first_message']

describe('resuming', () => {
  it.each([
    [[], 'business'],
    [['business'], 'knowledge'],
    [['business', 'ask'], 'knowledge'],
    [['business', 'knowledge', 'ask'], 'channel'],
    [ALL, 'channel'],
  ] as [ChecklistId[], string][])('after %s comes %s', (done, step) =>
    expect(stepToResume(ALL.map((id) => ({ id, done: done.includes(id) })))).toBe(step),
  )
})
