// People look for steps under the names that they know from elsewhere.
import { expect, it } from 'vitest'
import type { Kind } from '../types'
import { grouped, searchKinds } from './search'

const kind = (name: string, title: string, group: Kind['group'], help = '') => ({ name, title, group, help }) as Kind
const kinds = [
  kind('wait', 'Wait', 'logic', 'Goes on after a while.'),
  kind('wait_reply', 'Wait for a message', 'logic'),
  kind('condition', 'Decide', 'logic'),
  kind('http', 'Ask another program', 'actions'),
  kind('message_received', 'A customer writes', 'triggers'),
]
it.each([
  ['', ['wait', 'wait_reply', 'condition', 'http', 'message_received']],
  ['wait', ['wait', 'wait_reply']],
  ['if', ['condition']],
  ['API', ['http']],
  ['while', ['wait']],
  ['message wait', ['wait_reply']],
  ['zebra', []],
])('%s', (query, wanted) => expect(searchKinds(kinds, query).map((one) => one.name)).toEqual(wanted))

it('groups come in the order in which a flow is built', () => {
  expect(grouped(kinds).map((one) => one.group)).toEqual(['triggers', 'logic', 'actions'])
})
