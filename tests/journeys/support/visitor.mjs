// A visitor of the website, without a browser.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

export async function openVisitor(program, channelId) {
  const base = `${program.public}/chat/${channelId}`
  async function post(path, body, token) {
    const response = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    })
    assert.ok(response.ok, `${path} answered ${response.status}`)
    return response.json()
  }
  const { token } = await post('/sessions', {})
  return { writes: (text) => post('/messages', { type: 'text', text, client_id: randomUUID(), at: Date.now() }, token) }
}
