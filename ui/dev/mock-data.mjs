// A phone repair shop on one ordinary Saturday: the data of the pretended program.
import { randomUUID } from 'node:crypto'
import { freshAddress } from './mock-address.mjs'

export const id = () => randomUUID()
const MIN = 60_000
const HOUR = 60 * MIN
const DAY = 24 * HOUR

const bot = { id: id(), name: 'Shop assistant' }
const webchat = { id: id(), kind: 'webchat', name: 'Website chat', bot_id: bot.id, state: 'active', trouble: null }
const whatsapp = { id: id(), kind: 'whatsapp', name: 'WhatsApp', bot_id: bot.id, state: 'draft', trouble: null }

function source(title, kind, extra = {}) {
  const now = Date.now()
  return {
    id: id(),
    kind,
    title,
    origin: kind === 'file' ? `${title}.pdf` : kind === 'web' ? 'https://fixitcorner.example/services' : null,
    mime: kind === 'file' ? 'application/pdf' : 'text/html',
    size_bytes: 184_320,
    state: 'ready',
    progress: { done: 12, total: 12 },
    error: null,
    language: 'en',
    pages: kind === 'file' ? 4 : null,
    passages: 38,
    answered: 64,
    bot_ids: null,
    created_at: now - 12 * DAY,
    updated_at: now - 2 * DAY,
    ...extra,
  }
}

const prices = source('Price list 2026', 'file', { answered: 112 })
const faq = source('Questions customers ask', 'pairs', {
  passages: 21,
  answered: 58,
  mime: 'application/json',
  size_bytes: 6_400,
})
const warranty = source('Warranty terms', 'file', { pages: 2, passages: 14, answered: 9 })
const site = source('fixitcorner.example', 'web', { passages: 52, answered: 17, pages: 9 })
const menu = source('Accessories catalogue', 'file', {
  state: 'understanding',
  progress: { done: 31, total: 84 },
  passages: 31,
  answered: 0,
  size_bytes: 4_800_000,
  updated_at: Date.now(),
})
const broken = source('Old price list (scan)', 'file', {
  state: 'failed',
  passages: 0,
  answered: 0,
  error: {
    code: 'unsupported',
    message:
      'This PDF holds only pictures of pages, so there are no words to read. Export it from the program that made it, or paste the text.',
  },
})

const passage = id()
export const citation = {
  source_id: prices.id,
  source_title: prices.title,
  page: 2,
  passage_id: passage,
  snippet: 'Screen A15 (original): R 1,450. Ready the same day when brought before 11:00.',
  marks: ['Screen A15 (original): R 1,450.', 'Ready the same day when brought before 11:00.'],
}
export const answerOf = (text, rung = 'local', extra = {}) => ({
  text,
  rung,
  confidence: 0.86,
  language: 'en',
  citations: [citation],
  approved_id: rung === 'approved' ? id() : null,
  ms: rung === 'approved' ? 24 : 1_840,
  ...extra,
})

const people = [
  [
    'Thandi Mokoena',
    '+27 82 555 0142',
    'whatsapp',
    'Can somebody call me about my laptop? It is urgent.',
    true,
    'person',
    3,
  ],
  [
    'Pieter van Wyk',
    '+27 71 555 0199',
    'whatsapp',
    'The tablet still does not charge after the repair',
    true,
    'bot',
    2,
  ],
  ['Web visitor', null, 'webchat', 'Do you buy old phones?', true, 'bot', 1],
  ['Aisha Patel', '+27 83 555 0108', 'whatsapp', 'Great, I will come tomorrow morning!', false, 'bot', 0],
  ['Sipho Dlamini', '+27 60 555 0173', 'whatsapp', 'Thanks 🙏', false, 'person', 0],
  ['Web visitor', null, 'webchat', 'Is the shop open on public holidays?', false, 'bot', 0],
  ['Lerato Khumalo', '+27 72 555 0166', 'whatsapp', 'Photo', false, 'bot', 0],
  ['Johan Botha', '+27 84 555 0121', 'whatsapp', 'ok see you then', false, 'person', 0],
]

function conversation([name, handle, kind, preview, waiting, mode, unread], i) {
  return {
    id: id(),
    contact: { id: id(), name, handle: handle ?? 'Web visitor' },
    channel: {
      id: kind === 'webchat' ? webchat.id : whatsapp.id,
      kind,
      name: kind === 'webchat' ? webchat.name : whatsapp.name,
    },
    bot_id: bot.id,
    mode,
    waiting,
    status: i > 5 ? 'resolved' : 'open',
    preview,
    last_message_at: Date.now() - [4, 26, 51, 95, 200, 900, 1_700, 3_900][i] * MIN,
    unread,
    window_closes_at: kind === 'whatsapp' ? Date.now() + (20 - i * 2) * HOUR : null,
  }
}

function message(direction, author, content, minutesAgo, extra = {}) {
  return {
    id: id(),
    direction,
    author: { kind: author, name: author === 'person' ? 'Ayesha' : author === 'bot' ? bot.name : null },
    content: typeof content === 'string' ? { kind: 'text', text: content } : content,
    status: direction === 'in' ? 'received' : 'read',
    error: null,
    answer: null,
    reactions: [],
    replied_to: null,
    edited_at: null,
    deleted: false,
    at: Date.now() - minutesAgo * MIN,
    ...extra,
  }
}

function talk(preview, waiting) {
  const a = answerOf('A new screen for the A15 costs R 1,450. It is ready the same day if you bring it before 11:00.')
  return [
    message('in', 'contact', 'Hi! How much is a new screen for a Galaxy A15?', 118),
    message('out', 'bot', a.text, 118, { answer: a, reactions: [{ emoji: '👍', by: 'contact' }] }),
    message('in', 'contact', 'And how long is the warranty?', 112),
    message('out', 'bot', 'Repairs have six months of warranty on the part and the work.', 112, {
      answer: answerOf('Repairs have six months of warranty on the part and the work.', 'approved', {
        citations: [{ ...citation, source_id: warranty.id, source_title: warranty.title, page: 1 }],
      }),
    }),
    message(
      'out',
      'bot',
      {
        kind: 'buttons',
        text: 'Anything else?',
        buttons: [
          { id: 'hours', title: 'Opening hours' },
          { id: 'person', title: 'Speak to a person' },
        ],
      },
      111,
    ),
    message('in', 'contact', { kind: 'picked', id: 'person', title: 'Speak to a person' }, 60),
    message(
      'in',
      'contact',
      {
        kind: 'image',
        media: { mime: 'image/jpeg', filename: 'crack.jpg', size_bytes: 240_000 },
        caption: 'this is how it looks',
      },
      58,
    ),
    ...(waiting
      ? []
      : [
          message('out', 'person', 'Hi, Ayesha here. Bring it in, we will have a look for free.', 30),
          message('out', 'person', 'We close at 17:00 today.', 29, {
            status: 'failed',
            error: { message: 'The message did not reach WhatsApp.', fix: 'Check the internet, then send it again.' },
          }),
        ]),
    message('in', 'contact', preview, 4),
  ]
}

export function freshWorld() {
  const conversations = people.map(conversation)
  const gap = (question, count, hours) => ({
    id: id(),
    question,
    count,
    examples: [
      { question, at: Date.now() - hours * HOUR, conversation_id: conversations[2].id },
      { question: `${question.replace('?', '')} please?`, at: Date.now() - (hours + 20) * HOUR, conversation_id: null },
    ],
    last_asked_at: Date.now() - hours * HOUR,
    state: 'open',
  })
  return {
    session: {
      setup_needed: process.env.MOCK_FRESH === '1',
      user:
        process.env.MOCK_FRESH === '1' ? null : { id: id(), name: 'Ayesha Khan', email: 'ayesha@fixitcorner.example' },
      workspace: { id: id(), name: 'Fix-It Corner' },
      workspaces: [],
    },
    business: {
      name: process.env.MOCK_FRESH === '1' ? '' : 'Fix-It Corner',
      description:
        process.env.MOCK_FRESH === '1' ? '' : 'We repair phones, tablets and laptops in Durban and sell accessories.',
      country: 'ZA',
      timezone: 'Africa/Johannesburg',
      currency: 'ZAR',
      language: 'en',
      accent: null,
      sample_loaded: false,
      setup_done: process.env.MOCK_FRESH !== '1',
    },
    bots: [
      {
        ...bot,
        description:
          'Answers about repairs, prices and opening hours, and takes a name and number when it does not know.',
        paused: false,
        answered_7d: 284,
        handed_over_7d: 19,
        debounce_ms: 4_000,
        created_at: Date.now() - 12 * DAY,
        updated_at: Date.now() - DAY,
      },
      {
        id: id(),
        name: 'Holiday bot',
        description: 'Says when we are back.',
        paused: true,
        answered_7d: 0,
        handed_over_7d: 0,
        debounce_ms: 4_000,
        created_at: Date.now() - 90 * DAY,
        updated_at: Date.now() - 80 * DAY,
      },
    ],
    channels: [
      {
        ...webchat,
        created_at: Date.now() - 12 * DAY,
        webchat: {
          allowed_origins: ['https://fixitcorner.example'],
          accent: null,
          title: 'Fix-It Corner',
          greeting: 'Hi! Ask about repairs, prices or opening hours.',
          position: 'right',
          language: 'en',
          embed_code: `<script src="https://chat.fixitcorner.example/chat/${webchat.id}/widget.js" async></script>`,
          preview_url: `/chat/${webchat.id}`,
        },
        whatsapp: null,
      },
      {
        ...whatsapp,
        created_at: Date.now() - 2 * DAY,
        webchat: null,
        whatsapp: {
          app_id: '120445566778899',
          has_app_secret: true,
          has_token: false,
          waba_id: '',
          phone_number_id: '',
          display_phone_number: null,
          fallback_template: null,
          verified_name: null,
          webhook_url: `https://shop.example.net/hooks/whatsapp/${whatsapp.id}`,
          verify_token: 'bf-4f2a-91c7-quiet-lamp',
        },
      },
    ],
    sources: [menu, broken, prices, faq, warranty, site],
    conversations,
    messages: new Map(conversations.map((c) => [c.id, talk(c.preview, c.waiting)])),
    gaps: [
      gap('Do you buy old phones?', 6, 1),
      gap('Can I pay in instalments?', 4, 5),
      gap('Do you fix game consoles?', 2, 30),
    ],
    answers: [
      {
        id: id(),
        question: 'How long is the warranty?',
        answer: 'Repairs have six months of warranty on the part and the work.',
        other_questions: ['Do you give a guarantee?', 'What if it breaks again?'],
        used: 41,
        created_at: Date.now() - 9 * DAY,
        updated_at: Date.now() - 3 * DAY,
      },
      {
        id: id(),
        question: 'Where can I park?',
        answer: 'There is free parking behind the shop, enter from Mill Street.',
        other_questions: [],
        used: 12,
        created_at: Date.now() - 7 * DAY,
        updated_at: Date.now() - 7 * DAY,
      },
    ],
    address: freshAddress(),
    checks: ['app', 'secret', 'token', 'number', 'address', 'webhook', 'message'].map((name, i) => ({
      id: name,
      state: i < 2 ? 'ok' : 'waiting',
      sentence: ['The app answers: “Fix-It Corner Bot”.', 'The secret fits the app.', '', '', '', '', ''][i],
      fix: null,
      checked_at: i < 2 ? Date.now() - HOUR : null,
    })),
    mediaSettings: { keep_days: 180 },
    updates: {
      enabled: true,
      version: '0.1.0',
      by_itself: false,
      phase: 'none',
      newer: {
        version: '0.2.0',
        notes: 'Answers sooner on computers with little memory.\nThe inbox shows who is typing.',
        published_at: Date.now() - 2 * DAY,
        bytes: 21_700_000,
        has_failed: false,
      },
      done_bytes: 0,
      total_bytes: 21_700_000,
      problem: null,
      checked_at: Date.now() - 3_600_000,
      last: null,
    },
    computer: {
      keep_awake: { on: true, state: 'kept', why: null },
      starts: { by: 'program', on: false },
    },
    notices: [
      {
        id: id(),
        title: 'The program ended without warning',
        text: 'It was cut off at about 14:03 and started again at 14:20. Nothing that had come in is lost. 3 messages were waiting and are being seen to now. 1 reply had not left yet and goes out now.',
        urgent: false,
        conversation: null,
        run: null,
        decision: null,
        about: 'cut_off',
        at: Date.now() - 12 * 60_000,
        read_at: null,
      },
    ],
    answerSettings: {
      providers: [
        {
          id: id(),
          kind: 'openai',
          name: 'OpenAI',
          base_url: 'https://api.openai.com/v1',
          model: 'gpt-4o-mini',
          has_key: true,
          enabled: true,
          timeout_s: 20,
          state: 'ok',
          error: null,
        },
        {
          id: id(),
          kind: 'ollama',
          name: 'Ollama in the office',
          base_url: 'http://192.168.1.20:11434',
          model: 'llama3.2',
          has_key: false,
          enabled: false,
          timeout_s: 60,
          state: 'failing',
          error: 'Nobody answered at this address within 60 s.',
        },
      ],
      use_local_chat: false,
      threshold: 'balanced',
      tone: 'Friendly and short. Say "we".',
    },
    models: [
      {
        id: 'e5-small',
        name: 'Understands meaning',
        purpose: 'embedding',
        size_bytes: 118_000_000,
        licence: 'MIT',
        description: 'Finds the right passage even when the customer uses other words. Works in 94 languages.',
        state: 'ready',
        downloaded_bytes: 118_000_000,
        in_use: true,
        error: null,
      },
      {
        id: 'qwen-0.6b',
        name: 'Writes answers on this computer',
        purpose: 'chat',
        size_bytes: 640_000_000,
        licence: 'Apache-2.0',
        description: 'Puts passages into one friendly answer, without internet. Needs 2 GB of free memory.',
        state: 'absent',
        downloaded_bytes: 0,
        in_use: false,
        error: null,
      },
    ],
    startedAt: Date.now(),
    passage,
  }
}

export function documentOf(found, world) {
  return {
    title: found.title,
    pages: found.pages,
    blocks: [
      { page: 1, block: 'heading', level: 1, text: 'Fix-It Corner: prices 2026', passage_id: id() },
      {
        page: 1,
        block: 'paragraph',
        text: 'All prices include VAT, the part and the work. Bring your device to 14 Mill Street, Durban.',
        passage_id: id(),
      },
      { page: 2, block: 'heading', level: 2, text: 'Screens', passage_id: world.passage },
      {
        page: 2,
        block: 'paragraph',
        text: 'Screen A15 (original): R 1,450. Ready the same day when brought before 11:00. Copies cost less, but we do not give a warranty on them.',
        passage_id: world.passage,
      },
      {
        page: 2,
        block: 'table',
        caption: 'Screens by model',
        header: ['Model', 'Original', 'Copy'],
        rows: [
          ['Galaxy A15', 'R 1,450', 'R 890'],
          ['Galaxy S23', 'R 3,900', '-'],
          ['iPhone 13', 'R 2,750', 'R 1,600'],
        ],
        passage_id: id(),
      },
      { page: 3, block: 'heading', level: 2, text: 'Batteries', passage_id: id() },
      { page: 3, block: 'list_item', text: 'Phones from R 450, in about one hour', passage_id: id() },
      { page: 3, block: 'list_item', text: 'Laptops from R 900, in two days', passage_id: id() },
      {
        page: 4,
        block: 'pair',
        question: 'Do you fix water damage?',
        answer: 'We try. The check costs R 150 and is free when you let us repair it.',
        passage_id: id(),
      },
    ],
  }
}

const found = (area, name, standing, sentence, fix = null, of = null) => ({ area, name, of, standing, sentence, fix })
/** What the doctor tells: one of each standing, with a long folder and a business's name. */
export const checkUp = {
  version: '0.1.0',
  at: 0,
  standing: 'bad',
  findings: [
    found(
      'folders',
      'Data folder',
      'good',
      '/home/thandi/.local/share/botflow-of-the-corner-shop/data can be written.',
    ),
    found('clock', 'Clock', 'attention', 'The clock is 12 minutes ahead.', 'Let the system set the time by itself.'),
    found('data', 'Business data', 'bad', 'The file is damaged.', 'Restore your latest backup.', 'دكان الزاوية'),
  ],
}
