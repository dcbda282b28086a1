// The chat on somebody else's website: asked and answered by keyboard alone, and still there after a reload.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { look, openPage } from './support/browser.mjs'
import { DELIVERY, openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'
import { openSite } from './support/site.mjs'

test('the chat on another website', async (t) => {
  const program = await startProgram(t)
  const owner = await openShop(program)
  await owner.teach('Delivery and returns', DELIVERY)
  const { channel } = await owner.openChat()
  const site = await openSite(t, `<script src="${program.public}/chat/${channel.id}/widget.js" async></script>`)
  const page = await openPage(t)
  await page.goto(site)

  const launch = page.getByRole('button', { name: 'Chat with us' })
  await launch.waitFor()
  await look(page, 'widget-closed')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const field = page.getByRole('textbox', { name: 'Write a message' })
  await field.waitFor()
  await page.keyboard.type('What does delivery to Wynberg cost?')
  await page.keyboard.press('Enter')
  const talk = page.getByRole('log')
  await talk.getByText(/R 88/).first().waitFor()
  await talk
    .getByText(/Delivery and returns/)
    .first()
    .waitFor()
  await look(page, 'widget-answer')
  await page.keyboard.press('Escape')
  await field.waitFor({ state: 'hidden' })

  await page.reload()
  await launch.waitFor()
  await launch.focus()
  await page.keyboard.press('Enter')
  await talk.getByText('What does delivery to Wynberg cost?').waitFor()
  await talk.getByText(/R 88/).first().waitFor()
  assert.equal(await talk.getByText('What does delivery to Wynberg cost?').count(), 1)
})
