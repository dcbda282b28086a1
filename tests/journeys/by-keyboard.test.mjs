// The first ten minutes without a mouse: every step is reached with Tab, and it is always seen where one is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from './support/browser.mjs'
import { tabTo } from './support/keys.mjs'
import { DELIVERY, OWNER } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'

test('the first ten minutes by keyboard alone', async (t) => {
  const program = await startProgram(t)
  const page = await openPage(t)
  const { keyboard } = page
  const type = async (name, words) => {
    await tabTo(page, name, { field: true })
    await keyboard.type(words)
  }
  const press = async (name) => {
    await tabTo(page, name)
    await keyboard.press('Enter')
  }

  await page.goto(program.admin)
  await page.getByRole('heading', { name: "Let's open the shop" }).waitFor()
  await type('Your name', OWNER.name)
  await type('E-mail', OWNER.email)
  await type('Password', OWNER.password)
  await keyboard.press('Enter')

  await page.getByRole('heading', { name: 'Tell us about your business' }).waitFor()
  await type('What is your business called?', 'Tolbos Plumbing')
  await type('What do you do?', 'We sell plumbing parts.')
  await press('Next')

  await page.getByRole('heading', { name: 'Drop what your customers ask about' }).waitFor()
  const chooser = page.waitForEvent('filechooser')
  await press('Choose files')
  await (await chooser).setFiles({ name: 'delivery.html', mimeType: 'text/html', buffer: Buffer.from(DELIVERY) })
  await page.getByText(/^\d+ passages?$/).waitFor({ timeout: 90_000 })
  await press('Next')

  await page.getByRole('heading', { name: 'Now ask it something' }).waitFor()
  await type('Ask as a customer would', 'What does delivery to Wynberg cost?')
  await keyboard.press('Enter')
  const talk = page.getByRole('log', { name: 'Ask as a customer would' })
  await talk.getByText('R 88').first().waitFor()
  // The source opens and closes, and the focus comes back to where it was.
  await press(/where this stands$/)
  await page.locator('mark').first().waitFor()
  await keyboard.press('Escape')
  await page.locator('mark').first().waitFor({ state: 'hidden' })
  await tabTo(page, /where this stands$/)
  await press('Next')

  await page.getByRole('heading', { name: 'Where do customers write to you?' }).waitFor()
  await press(/^On WhatsApp/)
  await page.getByText('Make an app at Meta').waitFor()
  await press(/^Bring the app secret/)
  await page.getByRole('button', { name: /^Bring the app secret/, expanded: true }).waitFor()
  await press('Choose another way')
  await press(/^On my website/)
  await page.locator('iframe').waitFor()
  await press('Go to Home')
  await page.getByRole('heading', { name: /^Good / }).waitFor()

  // Keys of the places: there is a list of them, and they lead on.
  await keyboard.press('?')
  await page.getByRole('dialog').getByText('Go to Inbox').waitFor()
  await keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await keyboard.press('g')
  await keyboard.press('k')
  await page.getByRole('heading', { name: 'Knowledge', level: 1 }).waitFor()
  await keyboard.press('Control+k')
  await page.getByRole('textbox', { name: 'Find anything' }).waitFor()
  await keyboard.type('public addr')
  await page.getByRole('button', { name: 'Set the public address' }).waitFor()
  await keyboard.press('ArrowDown')
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Public address', level: 1 }).waitFor()
  assert.match(page.url(), /settings\/address/)
})
