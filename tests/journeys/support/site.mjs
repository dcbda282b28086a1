// Somebody's website, and what a visitor does in the chat on it.
import { createServer } from 'node:http'

/** A page of another origin with the one line in it. */
export async function openSite(t, line) {
  const html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Tolbos</title>
    <body style="font:16px/1.5 system-ui;margin:2rem"><main><h1>Tolbos Plumbing</h1><p>Parts and plumbers.</p></main>${line}</body></html>`
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html))
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://localhost:${server.address().port}/`
}

/** A visitor with a chat of their own: `says` waits for the words of the bot that answer. */
export async function openTalk(page, site) {
  await page.goto(site)
  await page.getByRole('button', { name: 'Chat with us' }).click()
  const field = page.getByRole('textbox', { name: 'Write a message' })
  const log = page.getByRole('log')
  return {
    page,
    log,
    async says(words, answer) {
      const known = await log.getByText(answer).count()
      await field.fill(words)
      await field.press('Enter')
      await log.getByText(answer).nth(known).waitFor()
    },
  }
}
