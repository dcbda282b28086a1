// A pretended business for trying the chat: `npm run build && npm run dev`, then http://127.0.0.1:4881 (another site).
// ?mode=silent holds the stream back as some proxies do, ?mode=down loses every second request, ?language=ar, ?accent=ff6a00,
// ?position=left. The hosted page is http://127.0.0.1:4880/chat/demo. Try "menu", "list", "link", "picture", "person".
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const PORT = Number(process.env.PORT ?? 4880)
const SITE = PORT + 1
const script = new URL('../dist/widget.js', import.meta.url)
const visits = new Map()
let cursor = 0
let count = 0

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const visitOf = (token) => {
  if (!visits.has(token)) visits.set(token, { messages: [], streams: new Set() })
  return visits.get(token)
}
function tell(visit, event, data) {
  for (const stream of visit.streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
function add(visit, direction, author, content, extra = {}) {
  cursor += 1
  const message = {
    id: `m${cursor}`,
    cursor,
    direction,
    author,
    name: null,
    content,
    citations: [],
    at: Date.now(),
    ...extra,
  }
  visit.messages.push(message)
  tell(visit, 'message', message)
}

const ANSWERS = {
  menu: {
    kind: 'buttons',
    text: 'What would you like to know?',
    buttons: [
      { id: 'prices', title: 'Prices' },
      { id: 'hours', title: 'Opening hours' },
      { id: 'person', title: 'Speak to a person' },
    ],
  },
  list: {
    kind: 'list',
    text: 'We repair these.',
    button: 'Show all',
    sections: [
      {
        title: 'Phones',
        rows: [
          { id: 'a15', title: 'Galaxy A15', description: 'Screens from R 1,450' },
          { id: 'ip13', title: 'iPhone 13', description: 'Screens from R 2,750' },
        ],
      },
    ],
  },
  link: { kind: 'link', text: 'Book a time here.', label: 'Book a time', url: 'https://shop.example/book' },
  picture: {
    kind: 'document',
    media: { mime: 'application/pdf', filename: 'prices.pdf', url: 'https://shop.example/p.pdf' },
  },
}

async function answer(visit, text) {
  tell(visit, 'typing', { on: true })
  await sleep(700)
  const key = text.trim().toLowerCase()
  if (ANSWERS[key]) return add(visit, 'out', 'bot', ANSWERS[key])
  if (/person/.test(key))
    return add(
      visit,
      'out',
      'person',
      { kind: 'text', text: 'Hi, this is Ayesha. How can I help?' },
      { name: 'Ayesha' },
    )
  const words =
    'A new screen for the Galaxy A15 costs R 1,450. It is ready the same day if you bring it before 11:00.\n\nMore: https://shop.example/prices.'
  for (const word of words.split(/(?<= )/)) {
    tell(visit, 'delta', { text: word })
    await sleep(60)
  }
  add(
    visit,
    'out',
    'bot',
    { kind: 'text', text: words },
    {
      citations: [
        { title: 'Price list 2026', page: 2 },
        { title: 'FAQ', page: null },
      ],
    },
  )
}

const read = async (request) => {
  let text = ''
  for await (const part of request) text += part
  return text ? JSON.parse(text) : {}
}

createServer(async (request, response) => {
  const url = new URL(request.url, `http://127.0.0.1:${PORT}`)
  const from = new URLSearchParams(request.headers.referer?.split('?')[1] ?? '')
  const mode = from.get('mode')
  const origin = request.headers.origin
  const send = (status, body, type = 'application/json') => {
    response.writeHead(status, {
      'content-type': type,
      ...(origin ? { 'access-control-allow-origin': origin, vary: 'Origin' } : {}),
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': 'GET, POST',
    })
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))
  }
  const path = url.pathname.replace(/^\/chat\/[^/]+/, '')
  const token = request.headers.authorization?.replace('Bearer ', '') ?? url.searchParams.get('token')
  count += 1
  if (request.method === 'OPTIONS') return send(204, '')
  if (mode === 'down' && count % 2 && path === '/messages') return request.destroy()
  if (path === '')
    return send(
      200,
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Fix-It Corner</title></head><body><script src="/chat/demo/widget.js" data-open="page" async></script></body></html>`,
      'text/html',
    )
  if (path === '/widget.js')
    return existsSync(script) ? send(200, readFileSync(script), 'text/javascript') : send(404, 'npm run build first')
  if (path === '/config')
    return send(200, {
      title: from.get('title') ?? 'Fix-It Corner',
      greeting:
        from.get('language') === 'ar'
          ? 'مرحبًا! اسألنا عن الإصلاح والأسعار.'
          : 'Hi! Ask about repairs, prices or opening hours.',
      accent: from.get('accent') ? `#${from.get('accent')}` : null,
      position: from.get('position') ?? 'right',
      language: from.get('language') ?? 'en',
    })
  if (path === '/sessions') {
    const { visitor } = await read(request)
    const made = visitor && visits.has(visitor) ? visitor : randomBytes(32).toString('base64url')
    const { messages } = visitOf(made)
    return send(200, { token: made, messages, cursor: messages.at(-1)?.cursor ?? 0 })
  }
  if (!token) return send(401, { code: 'unauthorized', message: 'This visit has ended. Please reload the page.' })
  const visit = visitOf(token)
  if (path === '/messages' && request.method === 'POST') {
    const body = await read(request)
    if (!visit.messages.some((message) => message.client_id === body.client_id)) {
      const content =
        body.type === 'pick' ? { kind: 'picked', id: body.id, title: body.title } : { kind: 'text', text: body.text }
      add(visit, 'in', 'visitor', content, { client_id: body.client_id })
      void answer(visit, body.text ?? body.title)
    }
    return send(202, { client_id: body.client_id })
  }
  const after = Number(url.searchParams.get('after') ?? 0)
  const since = () => visit.messages.filter((message) => message.cursor > after)
  if (path === '/messages') {
    const end = Date.now() + Number(url.searchParams.get('wait') ?? 0) * 1000
    while (since().length === 0 && Date.now() < end) await sleep(200)
    return send(200, { messages: since(), cursor: since().at(-1)?.cursor ?? after, typing: false })
  }
  if (path === '/events') {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      ...(origin ? { 'access-control-allow-origin': origin } : {}),
    })
    response.flushHeaders()
    if (mode === 'silent') return
    response.write(': \n\n')
    for (const message of since()) response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)
    visit.streams.add(response)
    const beat = setInterval(() => response.write(': \n\n'), 15_000)
    request.on('close', () => {
      clearInterval(beat)
      visit.streams.delete(response)
    })
    return
  }
  send(404, { code: 'not_found', message: 'Nothing here.' })
}).listen(PORT, '127.0.0.1', () => console.log(`chat on http://127.0.0.1:${PORT}/chat/demo`))

// Somebody's web site, with styles that would spoil a chat that does not guard itself.
createServer((request, response) => {
  const language = new URL(request.url, 'http://x').searchParams.get('language') ?? 'en'
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('referrer-policy', 'unsafe-url')
  response.end(`<!doctype html><html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A web site</title>
<style>body{font:18px Georgia;margin:40px;color-scheme:light dark}button,p,div{letter-spacing:.1em}button{background:hotpink!important;text-transform:uppercase}</style></head>
<body><h1>Fix-It Corner</h1><p>Phones, tablets and laptops repaired while you wait.</p><button onclick="BotFlowChat.open()">Ask us</button>
<script src="http://127.0.0.1:${PORT}/chat/demo/widget.js" async></script></body></html>`)
}).listen(SITE, '127.0.0.1', () => console.log(`a web site with it on http://127.0.0.1:${SITE}`))
