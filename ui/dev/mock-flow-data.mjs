// The flows of the pretended shop: small ones, one for bookings, one in the bin, and one of five hundred steps.
import { randomUUID } from 'node:crypto'

const short = () => randomUUID().slice(0, 8)

let defaults = new Map()

/** `[name, kind, fields, extra]`; `ways`: `[from, branch, to]` by those names. */
function flow(steps, ways, groups = []) {
  const ids = new Map(steps.map(([name]) => [name, short()]))
  return {
    id: randomUUID(),
    inputs: [],
    outputs: [],
    steps: steps.map(([name, kind, fields = {}, extra = {}], i) => ({
      id: ids.get(name),
      kind,
      position: { x: (i % 4) * 300, y: Math.floor(i / 4) * 190 },
      fields: { ...structuredClone(defaults.get(kind) ?? {}), ...fields },
      ...extra,
    })),
    edges: ways.map(([from, branch, to]) => ({ from: ids.get(from), branch, to: ids.get(to) })),
    groups,
  }
}

const at = (x, y) => ({ position: { x: y * 330, y: Math.round(x * 270) } })

const main = () =>
  flow(
    [
      ['start', 'message_received', { words: [] }, at(1, 0)],
      [
        'hello',
        'condition',
        { rules: { all: [{ left: '{{ last.text }}', op: 'is_greeting', right: '' }], any: [] } },
        at(1, 1),
      ],
      ['greet', 'text', { text: 'Hi {{ contact.first_name | default("there") }}! How can we help?' }, at(0, 2)],
      ['answer', 'answer', { question: '{{ last.text }}', send: true }, at(2, 2)],
      [
        'person',
        'ask_yes_no',
        { text: 'I do not know that for sure. Shall I ask a colleague?', variable: 'wants_person', max_tries: 2 },
        at(3, 3),
      ],
      ['handover', 'handover', { message: 'A colleague will write to you here.' }, at(2.5, 4)],
      ['end', 'end', { resolve: false }, at(1, 4)],
      ['note', 'comment', { text: 'Prices change in January: look at the price list first.' }, at(-0.4, 0.2)],
    ],
    [
      ['start', 'next', 'hello'],
      ['hello', 'yes', 'greet'],
      ['hello', 'no', 'answer'],
      ['greet', 'next', 'end'],
      ['answer', 'answered', 'end'],
      ['answer', 'unknown', 'person'],
      ['person', 'yes', 'handover'],
      ['person', 'no', 'end'],
    ],
  )

const booking = () =>
  flow(
    [
      ['start', 'called', {}, at(1, 0)],
      [
        'what',
        'ask_choice',
        {
          text: 'What shall we repair?',
          variable: 'device',
          max_tries: 3,
          choices: [
            { id: 'phone', title: 'Phone' },
            { id: 'tablet', title: 'Tablet' },
            { id: 'laptop', title: 'Laptop' },
          ],
        },
        at(1, 1),
      ],
      [
        'date',
        'ask_date',
        { text: 'Which day suits you?', variable: 'date', max_tries: 3, earliest: 'today' },
        { ...at(1, 2), group: 'when' },
      ],
      [
        'time',
        'ask_time',
        { text: 'And at what time?', variable: 'time', max_tries: 3 },
        { ...at(1, 3), group: 'when' },
      ],
      [
        'slots',
        'free_slots',
        { from: '{{ date }}', calendar: 'repairs' },
        { ...at(1, 4), failure: { retries: 2, wait_ms: 1000, then: 'branch', timeout_ms: 10_000 } },
      ],
      ['none', 'text', { text: 'On {{ date }} nothing is free. Please choose another day.' }, at(2.2, 4.4)],
      [
        'book',
        'book',
        { start: '{{ date }}T{{ time }}', calendar: 'repairs' },
        { ...at(1, 5), failure: { retries: 3, wait_ms: 2000, then: 'branch', timeout_ms: 10_000 } },
      ],
      ['done', 'text', { text: 'Booked: {{ date }} at {{ time }}. See you then!' }, at(0.4, 6)],
      ['goal', 'goal', { name: 'Booked' }, at(0.4, 7)],
      ['wait', 'wait', { duration_ms: 86_400_000 }, at(0.4, 8)],
      ['remind', 'text', { text: '' }, at(0.4, 9)],
      [
        'failed',
        'handover',
        { message: 'Our calendar does not answer. A colleague will book it for you.' },
        at(-0.4, 5),
      ],
      [
        'laptop',
        'http',
        { url: 'https://parts.example/laptops', save: [{ variable: 'parts', pointer: '/items' }] },
        at(-0.4, 1.6),
      ],
      ['end', 'end', {}, at(0.4, 10)],
    ],
    [
      ['start', 'next', 'what'],
      ['what', 'phone', 'date'],
      ['what', 'tablet', 'date'],
      ['what', 'laptop', 'laptop'],
      ['laptop', 'next', 'date'],
      ['date', 'next', 'time'],
      ['time', 'next', 'slots'],
      ['slots', 'next', 'book'],
      ['slots', 'none', 'none'],
      ['slots', 'failed', 'failed'],
      ['none', 'next', 'date'],
      ['book', 'next', 'done'],
      ['book', 'taken', 'none'],
      ['book', 'failed', 'failed'],
      ['done', 'next', 'goal'],
      ['goal', 'next', 'wait'],
      ['wait', 'next', 'remind'],
      ['remind', 'next', 'end'],
    ],
    [{ id: 'when', title: 'Day and time' }],
  )

const afterHours = () =>
  flow(
    [
      ['start', 'message_received', { words: [] }, at(1, 0)],
      ['open', 'hours', { hours: { days: { mon: [['09:00', '17:00']] }, holidays: [] } }, at(1, 1)],
      ['closed', 'text', { text: 'We are closed now and open again at 9:00.' }, at(2, 2)],
      ['end', 'end', {}, at(0.5, 2)],
    ],
    [
      ['start', 'next', 'open'],
      ['open', 'open', 'end'],
      ['open', 'closed', 'closed'],
      ['closed', 'next', 'end'],
    ],
  )

/** Rows of twenty, each row a little story, so that there is something to drag through. */
function large(count = 500) {
  const kinds = ['text', 'ask_text', 'condition', 'set', 'answer', 'ask_date', 'wait', 'http', 'buttons', 'tag']
  const fields = {
    text: { text: 'Thank you, {{ contact.first_name }}. We look after it.' },
    ask_text: { text: 'What is it about?', variable: 'about', max_tries: 3 },
    condition: { rules: { all: [{ left: '{{ about }}', op: 'contains', right: 'screen' }], any: [] } },
    set: { values: [{ name: 'total', value: '{{ 2 * 3 }}' }] },
    answer: { question: '{{ last.text }}', send: true },
    ask_date: { text: 'Which day?', variable: 'date', max_tries: 3 },
    wait: { duration_ms: 7_200_000 },
    http: { url: 'https://shop.example/orders', save: [{ variable: 'order', pointer: '/0' }] },
    buttons: {
      text: 'And now?',
      choices: [
        { id: 'a', title: 'More' },
        { id: 'b', title: 'Enough' },
      ],
    },
    tag: { tag: 'repair', action: 'add' },
  }
  const out = { condition: 'yes', answer: 'answered' }
  const steps = [{ id: 'n0', kind: 'message_received', position: { x: 0, y: 0 }, fields: { words: [] } }]
  const edges = []
  for (let i = 1; i < count; i++) {
    const kind = kinds[i % kinds.length]
    steps.push({
      id: `n${i}`,
      kind,
      position: { x: (i % 20) * 330, y: Math.floor(i / 20) * 280 },
      fields: { ...structuredClone(defaults.get(kind) ?? {}), ...structuredClone(fields[kind]) },
    })
    edges.push({ from: `n${i - 1}`, branch: out[steps[i - 1].kind] ?? 'next', to: `n${i}` })
    if (kind === 'text' && i > 40) edges.push({ from: `n${i - 18}`, branch: 'no', to: `n${i}` })
  }
  const known = new Set(steps.filter((step) => step.kind === 'condition').map((step) => step.id))
  return {
    id: randomUUID(),
    inputs: [],
    outputs: [],
    groups: [],
    steps,
    edges: edges.filter((edge) => edge.branch !== 'no' || known.has(edge.from)),
  }
}

/** `[name, folder, flow, deleted]` of one bot. */
export function sampleFlows(kinds, all) {
  defaults = new Map(kinds.map((kind) => [kind.name, kind.defaults]))
  const first = main()
  if (!all) return [['Main', '', afterHours(), false]]
  const second = booking()
  return [
    ['Main', '', first, false],
    ['Bookings', 'Repairs', second, false],
    ['After hours', '', afterHours(), false],
    ['Everything at once', 'Experiments', large(), false],
    ['Christmas greetings', '', afterHours(), true],
  ]
}
