// The owner over HTTP: what a journey needs to be there before it begins.
import assert from 'node:assert/strict'
import { until } from './until.mjs'

export const OWNER = { name: 'Thandi', email: 'thandi@shop.example', password: 'correct horse battery' }

/** Makes the owner's account and a named business; gives calls that are signed in. */
export async function openShop(program) {
  let cookie = ''
  async function call(method, path, body) {
    const response = await fetch(`${program.admin}/api${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(cookie ? { cookie } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`)
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return text ? JSON.parse(text) : undefined
  }
  const owner = {
    get: (path) => call('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    /** For `browserContext.addCookies`. */
    cookies() {
      const [name, ...value] = cookie.split('=')
      return [{ name, value: value.join('='), url: program.admin }]
    },
    /** Adds a text and waits until it is understood. */
    async teach(title, html) {
      const { id } = await owner.post('/sources/text', { title, html })
      await until(
        `“${title}” is read`,
        async () => {
          const { state, error } = await owner.get(`/sources/${id}`)
          assert.notEqual(state, 'failed', error?.message)
          return state === 'ready'
        },
        90_000,
      )
    },
    /** The bot that answers, and a chat for the website. */
    async openChat() {
      const known = await owner.get('/bots')
      const bot = known.items[0] ?? (await owner.post('/bots', { name: 'Counter' }))
      const channel = await owner.post('/channels', { kind: 'webchat', bot_id: bot.id, name: 'Website' })
      if (channel.state !== 'active') await owner.patch(`/channels/${channel.id}`, { state: 'active' })
      return { bot, channel }
    },
  }
  await owner.post('/setup', OWNER)
  await owner.patch('/business', {
    name: 'Tolbos Plumbing',
    description: 'A plumbing and hardware shop.',
    country: 'ZA',
    timezone: 'Africa/Johannesburg',
    currency: 'ZAR',
    language: 'en',
    setup_done: true,
  })
  return owner
}

/** What the journeys' shop knows. */
export const DELIVERY =
  '<h1>Delivery</h1><p>Delivery to Wynberg costs R 88 and leaves from Monday to Friday.</p>' +
  '<p>Delivery to Tokai costs R 82 and leaves from Monday to Friday.</p>' +
  '<p>Orders of R 2,800 or more are delivered free of charge.</p>' +
  '<h1>Returns</h1><p>Unused parts can be returned within 14 days with the slip.</p>'
