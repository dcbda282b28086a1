// A pretended program for looking at screens without building the real one: `npm run mock`, never shipped.
// MOCK_FRESH=1 starts before the first owner. POST /api/_mock/{online|offline|empty|fresh|fail} changes its mood.
import { createServer } from 'node:http'
import { defineAddressRoutes, stepAddress } from './mock-address.mjs'
import { answerOf, checkUp, documentOf, freshWorld, id } from './mock-data.mjs'
import { defineFlowRoutes } from './mock-flows.mjs'

let world = freshWorld()
let mood = 'online'
const streams = new Set()

function changed(...tags) {
  for (const stream of streams) stream.write(`event: changed\ndata: ${JSON.stringify({ tags })}\n\n`)
}

const page = (items) => ({ items, next: null })
const find = (list, wanted) => {
  const found = list.find((item) => item.id === wanted)
  if (!found) throw Object.assign(new Error('This is no longer here.'), { status: 404, code: 'not_found' })
  return found
}
const fail = (status, code, message, fields) => {
  throw Object.assign(new Error(message), { status, code, fields })
}
const summaryOf = (c) => ({
  id: c.id,
  kind: c.kind,
  name: c.name,
  bot_id: c.bot_id,
  state: c.state,
  trouble: c.trouble,
})
const withChannels = (bot) => ({ ...bot, channels: world.channels.filter((c) => c.bot_id === bot.id).map(summaryOf) })
const removed = new Map()

function drop(list, wanted) {
  const i = list.findIndex((item) => item.id === wanted)
  if (i >= 0) removed.set(wanted, list.splice(i, 1)[0])
}
function bringBack(list, wanted) {
  const item = removed.get(wanted)
  if (item) list.push(item)
  return item
}

function newSource(title, kind, extra = {}) {
  const made = {
    id: id(),
    kind,
    title,
    origin: title,
    mime: 'text/plain',
    size_bytes: 20_000,
    state: 'queued',
    progress: { done: 0, total: 20 },
    error: null,
    language: null,
    pages: null,
    passages: 0,
    answered: 0,
    bot_ids: null,
    created_at: Date.now(),
    updated_at: Date.now(),
    ...extra,
  }
  world.sources.unshift(made)
  changed('sources', 'home')
  return made
}

// Work goes on by itself, as in the program.
setInterval(() => {
  const tags = new Set()
  for (const s of world.sources) {
    if (!['queued', 'reading', 'understanding'].includes(s.state) || s.title.startsWith('Accessories')) continue
    s.progress.done += 2
    s.state = s.progress.done < 8 ? 'reading' : 'understanding'
    if (s.progress.done >= s.progress.total) {
      s.state = 'ready'
      s.passages = 24
      s.language = 'en'
    }
    tags.add('sources').add(`source:${s.id}`).add('home')
  }
  for (const m of world.models) {
    if (m.state !== 'downloading') continue
    m.downloaded_bytes = Math.min(m.size_bytes, m.downloaded_bytes + m.size_bytes / 20)
    if (m.downloaded_bytes >= m.size_bytes) m.state = 'unloaded'
    tags.add('models')
  }
  for (const check of world.checks) {
    if (check.state !== 'checking') continue
    check.state = 'ok'
    check.sentence =
      {
        token: 'The key is valid and does not expire.',
        number: '+27 31 555 0100, “Fix-It Corner”.',
        address: 'WhatsApp can reach this computer.',
        webhook: 'Messages are sent to BotFlow.',
        message: 'A message arrived.',
      }[check.id] ?? check.sentence
    check.checked_at = Date.now()
    tags.add('channels')
  }
  if (stepAddress(world)) tags.add('public_address').add('status').add('channels')
  if (tags.size) changed(...tags)
}, 700)

const { routes } = defineRoutes()
function defineRoutes() {
  const routes = []
  const on = (method, path, run) => routes.push({ method, parts: path.split('/').filter(Boolean), run })
  let restartFlows = () => {}
  defineFlowRoutes(on, { fail, changed, page, world: () => world, restart: (run) => (restartFlows = run) })

  on('POST', '/_mock/:mood', ({ params }) => {
    mood = params.mood
    if (mood === 'fresh' || mood === 'reset') {
      process.env.MOCK_FRESH = mood === 'fresh' ? '1' : '0'
      world = freshWorld()
      restartFlows()
    }
    if (mood === 'empty' || mood === 'fresh') {
      Object.assign(world, { sources: [], conversations: [], gaps: [], answers: [], channels: [] })
      world.bots.length = 1
    }
    for (const stream of streams) stream.write('event: resync\ndata: {}\n\n')
  })
  on('GET', '/session', () => world.session)
  on('POST', '/setup', ({ body }) => {
    if (!body.email?.includes('@'))
      fail(422, 'invalid', 'Check the e-mail address.', [{ field: 'email', message: 'This is no e-mail address.' }])
    world.session = { ...world.session, setup_needed: false, user: { id: id(), name: body.name, email: body.email } }
    return world.session
  })
  on('POST', '/session', ({ body }) => {
    if (body.password === 'wrong')
      fail(401, 'unauthorized', 'This e-mail and password do not belong together. Try again.')
    world.session = { ...world.session, user: { id: id(), name: 'Ayesha Khan', email: body.email } }
    return world.session
  })
  on('DELETE', '/session', () => void (world.session = { ...world.session, user: null }))

  on('GET', '/business', () => world.business)
  on('PATCH', '/business', ({ body }) => {
    Object.assign(world.business, body)
    changed('business', 'home')
    return world.business
  })
  on('GET', '/business/guess', () => ({
    country: 'ZA',
    timezone: 'Africa/Johannesburg',
    currency: 'ZAR',
    language: 'en',
  }))
  on('POST', '/sample', () => {
    world.business.sample_loaded = true
    for (const title of ['Price list', 'Opening hours and address', 'Warranty and returns']) newSource(title, 'file')
    changed('business')
    return { bot_id: world.bots[0].id }
  })
  on('GET', '/home', () => {
    const waiting = world.conversations.filter((c) => c.waiting)
    const ready = world.sources.filter((s) => s.state === 'ready').length
    const failed = world.sources.filter((s) => s.state === 'failed').length
    return {
      today: {
        answered_by_bot: world.conversations.length ? 41 : 0,
        answered_by_person: world.conversations.length ? 6 : 0,
        waiting: waiting.length,
        unanswered_questions: world.gaps.length,
        messages_in: world.conversations.length ? 93 : 0,
        notices: world.notices.length,
      },
      notices: world.notices,
      waiting: waiting.slice(0, 5),
      gaps: world.gaps.slice(0, 5),
      sources: { ready, failed, working: world.sources.length - ready - failed },
      channels: world.channels.map(summaryOf),
      checklist: [
        { id: 'business', done: Boolean(world.business.name) },
        { id: 'knowledge', done: ready > 0 },
        { id: 'ask', done: ready > 0 && mood !== 'empty' },
        { id: 'channel', done: world.channels.some((c) => c.state === 'active') },
        { id: 'first_message', done: false },
      ],
    }
  })
  on('PATCH', '/notices/:id', ({ params, body }) => {
    if (body.read) drop(world.notices, params.id)
    else bringBack(world.notices, params.id)
    changed('home')
    return {}
  })
  on('GET', '/updates', () => {
    const { updates } = world
    if (updates.phase === 'downloading') {
      updates.done_bytes += 2_500_000
      if (updates.done_bytes >= updates.total_bytes) {
        const last = { version: updates.newer.version, from: updates.version, at: Date.now(), worked: true, why: null }
        Object.assign(updates, { phase: 'none', version: updates.newer.version, newer: null, last })
      }
    }
    return updates
  })
  on('PUT', '/updates', ({ body }) => Object.assign(world.updates, body))
  on('POST', '/updates/check', () => Object.assign(world.updates, { checked_at: Date.now() }))
  on('POST', '/updates/install', () => Object.assign(world.updates, { phase: 'downloading', done_bytes: 0 }))
  on('DELETE', '/updates/install', () => void (world.updates.phase = 'none'))
  on('GET', '/computer', () => world.computer)
  on('PUT', '/computer/keep-awake', ({ body }) => {
    world.computer.keep_awake = { on: body.on, state: body.on ? 'kept' : 'off', why: null }
    return world.computer
  })
  on('PUT', '/computer/autostart', ({ body }) => {
    world.computer.starts.on = body.on
    return world.computer
  })
  on('GET', '/status', () => ({
    version: '0.1.0',
    answering: true,
    search_model_missing: false,
    public_address: { state: world.address.state, url: world.address.url },
    queue: { outgoing: mood === 'offline' ? 2 : 0, in_doubt: 0, set_aside: 0, failed: 0 },
    models: { embedding: world.models[0].state, chat: world.models[1].state, cloud: 'ok' },
    disk: { low: false },
  }))

  on('GET', '/bots', () => ({ items: world.bots.map(withChannels) }))
  on('POST', '/bots', ({ body }) => {
    const made = {
      id: id(),
      description: '',
      paused: false,
      answered_7d: 0,
      handed_over_7d: 0,
      debounce_ms: 4000,
      created_at: Date.now(),
      updated_at: Date.now(),
      ...body,
    }
    world.bots.push(made)
    changed('bots')
    return withChannels(made)
  })
  on('GET', '/bots/:id', ({ params }) => withChannels(find(world.bots, params.id)))
  on('PATCH', '/bots/:id', ({ params, body }) => {
    const bot = Object.assign(find(world.bots, params.id), body)
    changed('bots')
    return withChannels(bot)
  })
  on('POST', '/bots/:id/duplicate', ({ params }) => {
    const made = { ...find(world.bots, params.id), id: id() }
    made.name += ' (copy)'
    made.paused = true
    world.bots.push(made)
    changed('bots')
    return withChannels(made)
  })
  on('DELETE', '/bots/:id', ({ params }) => {
    drop(world.bots, params.id)
    changed('bots')
  })
  on('POST', '/bots/:id/restore', ({ params }) => {
    const b = bringBack(world.bots, params.id)
    changed('bots')
    return withChannels(b)
  })
  const texts = {
    greeting: 'Hi! I am the assistant of Fix-It Corner.',
    unknown: 'I do not know that for sure. Shall I ask a colleague?',
    ask_name: 'What is your name?',
    ask_details: 'What should my colleague know?',
    handover: 'Thank you. A colleague will write to you here.',
    fallback: 'Sorry, something went wrong. A colleague will look at it.',
  }
  on('GET', '/bots/:id/texts', () => texts)
  on('PUT', '/bots/:id/texts', ({ body }) => Object.assign(texts, body))
  on('GET', '/sources', () => page(world.sources))
  on('POST', '/sources/files', ({ files }) => ({
    items: files.map((name) =>
      /\.(exe|zip)$/i.test(name)
        ? {
            name,
            source: null,
            error: {
              code: 'unsupported',
              message:
                'Programs and archives cannot be read. Use PDF, Word, Excel, a picture of text exported as PDF, or plain text.',
            },
          }
        : { name, source: newSource(name.replace(/\.[^.]+$/, ''), 'file', { origin: name }), error: null },
    ),
  }))
  on('POST', '/sources/web', ({ body }) => newSource(body.url.replace(/^https?:\/\//, ''), 'web', { origin: body.url }))
  on('POST', '/sources/text', ({ body }) => newSource(body.title, 'text'))
  on('POST', '/sources/pairs', ({ body }) => newSource(body.title, 'pairs'))
  on('GET', '/sources/:id', ({ params }) => find(world.sources, params.id))
  on('PATCH', '/sources/:id', ({ params, body }) => {
    const s = Object.assign(find(world.sources, params.id), body)
    changed('sources')
    return s
  })
  on('DELETE', '/sources/:id', ({ params }) => {
    drop(world.sources, params.id)
    changed('sources', 'home')
  })
  on('POST', '/sources/:id/restore', ({ params }) => {
    const s = bringBack(world.sources, params.id)
    changed('sources', 'home')
    return s
  })
  on('POST', '/sources/:id/cancel', ({ params }) => {
    const s = find(world.sources, params.id)
    s.state = 'cancelled'
    changed('sources')
    return s
  })
  on('POST', '/sources/:id/refresh', ({ params }) => {
    const s = find(world.sources, params.id)
    Object.assign(s, { state: 'queued', progress: { done: 0, total: 20 }, error: null })
    changed('sources')
    return s
  })
  on('GET', '/sources/:id/document', ({ params }) => documentOf(find(world.sources, params.id), world))
  on('GET', '/sources/:id/content', ({ params }) => {
    const s = find(world.sources, params.id)
    return s.kind === 'pairs'
      ? {
          kind: 'pairs',
          pairs: [
            { question: 'Do you fix water damage?', answer: 'We try. The check costs R 150.' },
            { question: 'Do you open on Sundays?', answer: 'No, Monday to Saturday.' },
          ],
        }
      : { kind: s.kind, html: '<h2>Delivery</h2><p>We deliver within Durban for R 60.</p>' }
  })
  on('PUT', '/sources/:id/content', ({ params }) => find(world.sources, params.id))
  on('GET', '/sources/:id/passages', () =>
    page([
      {
        id: world.passage,
        ordinal: 1,
        page: 2,
        headings: ['Prices 2026', 'Screens'],
        kind: 'text',
        text: 'Screen A15 (original): R 1,450. Ready the same day when brought before 11:00.',
        language: 'en',
      },
      {
        id: id(),
        ordinal: 2,
        page: 2,
        headings: ['Prices 2026', 'Screens'],
        kind: 'table',
        text: 'Model | Original | Copy\nGalaxy A15 | R 1,450 | R 890',
        language: 'en',
      },
    ]),
  )
  on('POST', '/ask', async ({ body }) => {
    await new Promise((done) => setTimeout(done, 900))
    const approved = world.answers.find((a) => a.question.toLowerCase() === body.question.toLowerCase())
    const hits = [0.91, 0.62, 0.4].map((score, i) => ({
      passage_id: i ? id() : world.passage,
      source_id: world.sources.at(-1)?.id ?? id(),
      source_title: 'Price list 2026',
      page: 2,
      headings: ['Screens'],
      text: 'Screen A15 (original): R 1,450. Ready the same day when brought before 11:00.',
      text_score: 8.2,
      vector_score: 0.82,
      score,
    }))
    if (approved)
      return { answer: answerOf(approved.answer, 'approved', { citations: [] }), unknown_reason: null, hits, ms: 31 }
    if (!world.sources.some((s) => s.state === 'ready'))
      return { answer: null, unknown_reason: 'No document is ready yet.', hits: [], ms: 4 }
    if (/console|buy|instal/i.test(body.question))
      return { answer: null, unknown_reason: 'Nothing in your documents answers this.', hits: hits.slice(2), ms: 210 }
    const ready =
      world.sources.find((s) => s.title.startsWith('Price list') && s.state === 'ready') ??
      world.sources.find((s) => s.state === 'ready')
    const answer = answerOf(
      'A new screen for the Galaxy A15 costs R 1,450. It is ready the same day if you bring it before 11:00.',
    )
    answer.citations = answer.citations.map((c) => ({ ...c, source_id: ready.id, source_title: ready.title }))
    return { answer, unknown_reason: null, hits, ms: 1_912 }
  })
  on('GET', '/answers', () => page(world.answers))
  on('POST', '/answers', ({ body }) => {
    const made = {
      id: id(),
      question: body.question,
      answer: body.answer,
      other_questions: body.other_questions ?? [],
      used: 0,
      created_at: Date.now(),
      updated_at: Date.now(),
    }
    world.answers.unshift(made)
    if (body.gap_id) drop(world.gaps, body.gap_id)
    changed('answers', 'gaps', 'home')
    return made
  })
  on('PATCH', '/answers/:id', ({ params, body }) => {
    const a = Object.assign(find(world.answers, params.id), body)
    changed('answers')
    return a
  })
  on('DELETE', '/answers/:id', ({ params }) => {
    drop(world.answers, params.id)
    changed('answers')
  })
  on('POST', '/answers/:id/restore', ({ params }) => {
    const a = bringBack(world.answers, params.id)
    changed('answers')
    return a
  })
  on('GET', '/gaps', () => page(world.gaps))
  on('POST', '/gaps/:id/dismiss', ({ params }) => {
    drop(world.gaps, params.id)
    changed('gaps', 'home')
  })
  on('POST', '/gaps/:id/reopen', ({ params }) => {
    bringBack(world.gaps, params.id)
    changed('gaps', 'home')
  })

  on('GET', '/conversations', ({ query }) => {
    const filter = query.get('filter') ?? 'all'
    const search = (query.get('search') ?? '').toLowerCase()
    return page(
      world.conversations.filter(
        (c) =>
          (filter === 'all' || (filter === 'waiting' ? c.waiting : c.status === filter)) &&
          (!search || `${c.contact.name} ${c.preview}`.toLowerCase().includes(search)),
      ),
    )
  })
  const whole = (c) => ({
    ...c,
    contact: {
      ...c.contact,
      handles: [c.contact.handle],
      language: 'en',
      fields: { device: 'Galaxy A15', 'came from': 'Website' },
    },
    run_status: null,
  })
  on('GET', '/conversations/:id', ({ params }) => whole(find(world.conversations, params.id)))
  on('PATCH', '/conversations/:id', ({ params, body }) => {
    const c = Object.assign(find(world.conversations, params.id), body)
    if (body.mode === 'person' || body.status === 'resolved') c.waiting = false
    changed('conversations', `conversation:${c.id}`, 'home')
    return whole(c)
  })
  on('POST', '/conversations/:id/read', ({ params }) => {
    find(world.conversations, params.id).unread = 0
    changed('conversations')
  })
  on('GET', '/conversations/:id/messages', ({ params }) => page([...(world.messages.get(params.id) ?? [])].reverse()))
  const sayByHand = (c, content, preview) => {
    const made = {
      id: id(),
      direction: 'out',
      author: { kind: 'person', name: 'Ayesha' },
      content,
      status: 'queued',
      error: null,
      answer: null,
      reactions: [],
      replied_to: null,
      edited_at: null,
      deleted: false,
      at: Date.now(),
    }
    world.messages.get(c.id).push(made)
    Object.assign(c, { mode: 'person', waiting: false, preview, last_message_at: Date.now() })
    setTimeout(() => {
      made.status = 'delivered'
      changed(`conversation:${c.id}`)
    }, 1200)
    changed('conversations', `conversation:${c.id}`, 'home')
    return made
  }
  on('POST', '/conversations/:id/messages', ({ params, body }) =>
    sayByHand(find(world.conversations, params.id), { kind: 'text', text: body.text }, body.text),
  )
  on('POST', '/conversations/:id/files', ({ params, files }) => {
    const filename = files[0] ?? 'file'
    const media = { mime: 'application/octet-stream', filename, size_bytes: 240_000 }
    return sayByHand(find(world.conversations, params.id), { kind: 'document', media }, filename)
  })
  on('POST', '/messages/:id/retry', ({ params }) => {
    for (const list of world.messages.values())
      for (const m of list)
        if (m.id === params.id) {
          Object.assign(m, { status: 'sent', error: null })
          changed('conversations')
          return m
        }
  })
  on('GET', '/messages/:id/why', () => {
    const a = answerOf('')
    const at = Date.now() - 118 * 60_000
    return {
      question: 'How much is a new screen for a Galaxy A15?',
      rung: 'local',
      ms: 1840,
      confidence: 0.86,
      citations: a.citations,
      hits: [
        {
          passage_id: world.passage,
          source_id: a.citations[0].source_id,
          source_title: 'Price list 2026',
          page: 2,
          headings: ['Screens'],
          text: a.citations[0].snippet,
          text_score: 8.2,
          vector_score: 0.82,
          score: 0.91,
        },
      ],
      steps: [
        { at, title: 'A customer writes', note: 'WhatsApp', ms: null },
        { at: at + 5, title: 'Looked for an approved answer', note: 'None fits', ms: 12 },
        { at: at + 20, title: 'Searched the knowledge', note: '3 passages fit', ms: 88 },
        { at: at + 120, title: 'Wrote the answer', note: 'On this computer', ms: 1740 },
      ],
    }
  })

  on('GET', '/channels', () => ({ items: world.channels.map(summaryOf) }))
  on('POST', '/channels', ({ body }) => {
    const made = {
      id: id(),
      kind: body.kind,
      name: body.name ?? (body.kind === 'webchat' ? 'Website chat' : 'WhatsApp'),
      bot_id: body.bot_id,
      state: body.kind === 'webchat' ? 'active' : 'draft',
      trouble: null,
      created_at: Date.now(),
      webchat: null,
      whatsapp: null,
    }
    if (body.kind === 'webchat')
      made.webchat = {
        allowed_origins: [],
        accent: null,
        title: world.business.name,
        greeting: 'Hi! How can we help?',
        position: 'right',
        language: 'en',
        embed_code: `<script src="http://127.0.0.1:4880/chat/${made.id}/widget.js" async></script>`,
        preview_url: `/chat/${made.id}`,
      }
    else
      made.whatsapp = {
        app_id: '',
        has_app_secret: false,
        has_token: false,
        waba_id: '',
        phone_number_id: '',
        display_phone_number: null,
        verified_name: null,
        webhook_url: world.address.url ? `${world.address.url}/hooks/whatsapp/${made.id}` : null,
        verify_token: 'bf-4f2a-91c7-quiet-lamp',
      }
    world.channels.push(made)
    changed('channels', 'home')
    return made
  })
  on('GET', '/channels/:id', ({ params }) => find(world.channels, params.id))
  on('PATCH', '/channels/:id', ({ params, body }) => {
    const c = find(world.channels, params.id)
    const { name, bot_id, state, app_secret, token, second_app_secret: _second, ...rest } = body
    for (const [key, value] of Object.entries({ name, bot_id, state })) if (value !== undefined) c[key] = value
    if (c.webchat) Object.assign(c.webchat, rest)
    if (c.whatsapp) {
      const { fallback_template: template, ...others } = rest
      Object.assign(c.whatsapp, others)
      if (template) c.whatsapp.fallback_template = template.name ? { ...template, problem: null } : null
      if (app_secret) c.whatsapp.has_app_secret = true
      if (token) c.whatsapp.has_token = true
      if (rest.phone_number_id)
        Object.assign(c.whatsapp, { display_phone_number: '+27 31 555 0100', verified_name: 'Fix-It Corner' })
    }
    changed('channels')
    return c
  })
  on('DELETE', '/channels/:id', ({ params }) => {
    drop(world.channels, params.id)
    changed('channels', 'home')
  })
  on('POST', '/channels/:id/restore', ({ params }) => {
    const c = bringBack(world.channels, params.id)
    changed('channels', 'home')
    return c
  })
  on('GET', '/channels/:id/checks', () => ({ checks: world.checks }))
  on('POST', '/channels/:id/checks/run', ({ body }) => {
    for (const check of world.checks) {
      if (body?.check && check.id !== body.check) continue
      if (check.id === 'address' && world.address.state !== 'proven')
        Object.assign(check, {
          state: 'failed',
          sentence: 'There is no public address yet.',
          fix: 'Set it up under Public address.',
        })
      else if (check.state !== 'ok') Object.assign(check, { state: 'checking', fix: null })
    }
    changed('channels')
    return { checks: world.checks }
  })
  on('POST', '/channels/:id/subscribe', () => {
    find(world.checks, 'webhook').state = 'checking'
    return { checks: world.checks }
  })

  defineAddressRoutes({ on, fail, changed, world: () => world })

  on('GET', '/doctor', () => checkUp)
  on('GET', '/settings/media', () => world.mediaSettings)
  on('PUT', '/settings/media', ({ body }) => {
    world.mediaSettings = body
    return body
  })
  on('GET', '/settings/answers', () => world.answerSettings)
  on('PUT', '/settings/answers', ({ body }) => {
    const old = new Map(world.answerSettings.providers.map((p) => [p.id, p]))
    world.answerSettings = {
      ...body,
      providers: body.providers.map(({ key, ...p }) => ({
        state: 'untested',
        error: null,
        ...old.get(p.id),
        ...p,
        has_key: Boolean(key) || Boolean(old.get(p.id)?.has_key),
      })),
    }
    changed('models')
    return world.answerSettings
  })
  on('POST', '/settings/answers/providers/:id/test', async ({ params }) => {
    await new Promise((done) => setTimeout(done, 900))
    const provider = find(world.answerSettings.providers, params.id)
    if (provider.kind === 'ollama') {
      Object.assign(provider, { state: 'failing', error: 'Nobody answered at this address.' })
      return { ok: false, message: 'Nobody answered at this address. Is Ollama running there?', ms: 900 }
    }
    provider.state = 'ok'
    return { ok: true, message: 'It answered: “Hello from Fix-It Corner!”', ms: 812 }
  })
  on('GET', '/models', () => ({ items: world.models }))
  on('POST', '/models/:id/download', ({ params }) => {
    find(world.models, params.id).state = 'downloading'
    changed('models')
  })
  on('POST', '/models/:id/cancel', ({ params }) => {
    find(world.models, params.id).state = 'absent'
    changed('models')
  })
  on('DELETE', '/models/:id', ({ params }) => {
    Object.assign(find(world.models, params.id), { state: 'absent', downloaded_bytes: 0, in_use: false })
    changed('models')
  })
  return { routes }
}

function match(method, path) {
  const parts = path.split('/').filter(Boolean)
  for (const route of routes) {
    if (route.method !== method || route.parts.length !== parts.length) continue
    const params = {}
    if (
      route.parts.every((part, i) =>
        part.startsWith(':') ? ((params[part.slice(1)] = parts[i]), true) : part === parts[i],
      )
    )
      return { route, params }
  }
  return null
}

const chatPage = (
  c,
) => `<!doctype html><meta charset="utf-8"><body style="margin:0;font:15px Inter,system-ui;background:#fff;display:flex;flex-direction:column;height:100vh;color:#17211d">
<header style="background:${c?.webchat?.accent || '#0b7a5c'};color:#fff;padding:16px;font-weight:600">${c?.webchat?.title ?? ''}</header>
<div style="padding:16px;flex:1"><div style="background:#f4f2ec;border-radius:12px;padding:10px 14px;max-width:80%">${c?.webchat?.greeting ?? ''}</div></div>
<div style="padding:12px"><div style="border:1px solid #d9d4c8;border-radius:10px;padding:10px;color:#777">Write a message</div></div>`

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost')
  if (url.pathname.startsWith('/chat/')) {
    response.setHeader('content-type', 'text/html')
    return response.end(chatPage(world.channels.find((c) => url.pathname.includes(c.id))))
  }
  const path = url.pathname.replace(/^\/api/, '')
  if (path === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(': hello\n\n')
    streams.add(response)
    request.on('close', () => streams.delete(response))
    return
  }
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const raw = Buffer.concat(chunks)
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
  try {
    if (mood === 'fail' && !path.startsWith('/_mock') && !['/session', '/business'].includes(path))
      fail(500, 'internal', 'Something went wrong inside BotFlow. Nothing was lost. Try again in a moment.')
    const found = match(request.method, path)
    if (!found) fail(404, 'not_found', `No such place: ${request.method} ${path}`)
    const multipart = request.headers['content-type']?.startsWith('multipart/')
    const files = multipart ? [...raw.toString('latin1').matchAll(/filename="([^"]+)"/g)].map((m) => m[1]) : []
    const body = multipart || raw.length === 0 ? {} : JSON.parse(raw)
    const result = await found.route.run({ params: found.params, body, query: url.searchParams, files })
    if (result === undefined) {
      response.writeHead(204)
      response.end()
    } else send(200, result)
  } catch (error) {
    send(error.status ?? 500, {
      code: error.code ?? 'internal',
      message: error.message,
      fields: error.fields,
      request_id: 'mock',
    })
  }
}).listen(Number(process.env.PORT ?? 4870), '127.0.0.1', function () {
  console.log(`mock on 127.0.0.1:${this.address().port}`)
})
