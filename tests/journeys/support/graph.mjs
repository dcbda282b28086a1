// The least of WhatsApp's Graph API: takes messages and remembers them; and the customer's side, signed as Meta signs.
import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const FIXTURE = JSON.parse(readFileSync(new URL('../../fixtures/whatsapp/text.json', import.meta.url), 'utf8'))
export const NUMBER = FIXTURE.entry[0].changes[0].value.metadata.phone_number_id
export const CUSTOMER = FIXTURE.entry[0].changes[0].value.contacts[0].profile.name
const SECRET = '0123456789abcdef0123456789abcdef'

export async function startGraph(test) {
  const sent = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    const reply = (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.method !== 'POST' || !request.url.endsWith('/messages'))
      return reply({ id: NUMBER, success: true, data: [] })
    const body = JSON.parse(text)
    // "Read" and "is typing" are no messages.
    if (body.status) return reply({ success: true })
    sent.push(body)
    reply({
      messaging_product: 'whatsapp',
      contacts: [{ input: body.to ?? body.recipient, wa_id: body.to ?? body.recipient }],
      messages: [{ id: `wamid.${randomUUID()}` }],
    })
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${server.address().port}/v25.0`,
    /** The words of what left for the customer, in order. */
    words: () => sent.map((body) => body.text?.body ?? body.interactive?.body?.text ?? JSON.stringify(body)),
  }
}

/** Connects the stand-in's number to the bot, as the seven steps do. */
export async function connectWhatsapp(owner, botId) {
  const channel = await owner.post('/channels', { kind: 'whatsapp', bot_id: botId, name: 'WhatsApp' })
  const connected = await owner.patch(`/channels/${channel.id}`, {
    app_id: '1029384756',
    waba_id: FIXTURE.entry[0].id,
    phone_number_id: NUMBER,
    app_secret: SECRET,
    token: 'EAAGjourneytoken0123456789',
  })
  if (connected.state !== 'active') await owner.patch(`/channels/${channel.id}`, { state: 'active' })
  return channel.id
}

/** The customer writes; `at` is when, in milliseconds since 1970. */
export async function customerWrites(program, channelId, words, at = Date.now()) {
  const hook = structuredClone(FIXTURE)
  const [message] = hook.entry[0].changes[0].value.messages
  message.id = `wamid.${randomUUID()}`
  message.timestamp = String(Math.floor(at / 1000))
  message.text.body = words
  const body = JSON.stringify(hook)
  const signature = createHmac('sha256', SECRET).update(body).digest('hex')
  const response = await fetch(`${program.public}/hooks/whatsapp/${channelId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  })
  assert.equal(response.status, 200, await response.text())
}
