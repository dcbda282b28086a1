// The order of answer services, and what is sent to keep it.
import { describe, expect, it } from 'vitest'
import type { AnswerSettings } from '@/api/types'
import { moved, NEW, toInput } from './useAnswerSettings'

describe('moving', () => {
  it.each([
    [0, 2, 'bca'],
    [2, 0, 'cab'],
    [1, 1, 'abc'],
    [0, -1, 'abc'],
    [0, 3, 'abc'],
  ])('from %d to %d', (from, to, order) => expect(moved(['a', 'b', 'c'], from, to).join('')).toBe(order))
})

describe('saving', () => {
  const settings: AnswerSettings = {
    use_local_chat: false,
    threshold: 'balanced',
    tone: '',
    providers: [
      {
        id: '1',
        kind: 'openai',
        name: 'A',
        base_url: 'https://a',
        model: 'm',
        has_key: true,
        enabled: true,
        timeout_s: 9,
      },
    ],
  }
  it('keeps a stored key by not sending one', () => {
    const [provider] = toInput(settings).providers
    expect(provider).not.toHaveProperty('key')
    expect(provider).not.toHaveProperty('has_key')
    expect(toInput(settings, { 1: 'new' }).providers[0]).toMatchObject({ id: '1', key: 'new' })
  })
  it('lets the program name a new service', () => {
    const [provider] = settings.providers
    const added = { ...settings, providers: provider ? [{ ...provider, id: `${NEW}1` }] : [] }
    const [sent] = toInput(added, { [`${NEW}1`]: 'k' }).providers
    expect(sent).not.toHaveProperty('id')
    expect(sent).toHaveProperty('key', 'k')
  })
})
