// The first ten minutes: from an empty folder to a chat that answers from the owner's own document.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { look, openPage } from './support/browser.mjs'
import { OWNER } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'

const SAMPLE = new URL('../../crates/app/sample/', import.meta.url)
const FILES = [
  { name: 'delivery-areas.md', mime: 'text/markdown' },
  { name: 'service-policy.pdf', mime: 'application/pdf' },
]

/** Lets files fall onto the place for them, as a hand does. */
async function drop(page, files) {
  const carried = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer()
    for (const { name, mime, bytes } of list) {
      const binary = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))
      transfer.items.add(new File([binary], name, { type: mime }))
    }
    return transfer
  }, files)
  const place = page.getByText('Drop files here', { exact: true })
  for (const event of ['dragenter', 'dragover', 'drop']) await place.dispatchEvent(event, { dataTransfer: carried })
}

test('the first ten minutes', async (t) => {
  const program = await startProgram(t)
  const page = await openPage(t)
  await page.goto(program.admin)

  // An account, and nothing else.
  await page.getByRole('heading', { name: "Let's open the shop" }).waitFor()
  await look(page, 'start-1-account')
  await page.getByLabel('Your name').fill(OWNER.name)
  await page.getByLabel('E-mail').fill(OWNER.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Create my account' }).click()

  // The business; what can be guessed is guessed.
  await page.getByRole('heading', { name: 'Tell us about your business' }).waitFor()
  await page.getByText('South Africa', { exact: false }).waitFor()
  await look(page, 'start-2-business')
  await page.getByLabel('What is your business called?').fill('Tolbos Plumbing')
  await page.getByLabel('What do you do?').fill('We sell plumbing parts and send plumbers in Cape Town.')
  await page.getByRole('button', { name: 'Next' }).click()

  // What it should know, with a bar while it is read.
  await page.getByRole('heading', { name: 'Drop what your customers ask about' }).waitFor()
  await look(page, 'start-3-empty')
  const bar = page.getByRole('progressbar').first().waitFor()
  await drop(
    page,
    FILES.map(({ name, mime }) => ({ name, mime, bytes: readFileSync(new URL(name, SAMPLE)).toString('base64') })),
  )
  await bar
  await page
    .getByText(/^\d+ passages?$/)
    .nth(FILES.length - 1)
    .waitFor({ timeout: 90_000 })
  await look(page, 'start-4-ready')
  await page.getByRole('button', { name: 'Next' }).click()

  // The chat beside it answers and names its source; a click opens the document with the sentence marked.
  await page.getByRole('heading', { name: 'Now ask it something' }).waitFor()
  await page.getByRole('textbox', { name: 'Ask as a customer would' }).fill('How much is delivery to Wynberg?')
  await page.keyboard.press('Enter')
  const answer = page.getByRole('log', { name: 'Ask as a customer would' })
  await answer.getByText('R 88').first().waitFor()
  await look(page, 'start-5-answer')
  await answer
    .getByRole('button', { name: /Open .*delivery.* where this stands/i })
    .first()
    .click()
  const document = page.getByRole('dialog')
  const marked = document.locator('mark').filter({ hasText: '88' }).first()
  await marked.waitFor()
  assert.ok(await marked.isVisible(), 'the marked sentence is on screen')
  await look(page, 'start-6-source')
  await page.keyboard.press('Escape')
  await document.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Next' }).click()

  // The chat for the website, tried where it is made.
  await page.getByRole('heading', { name: 'Where do customers write to you?' }).waitFor()
  await look(page, 'start-7-channel')
  await page.getByRole('button', { name: /On my website/ }).click()
  const chat = page.frameLocator('iframe[title="How visitors see it"]')
  await chat.getByRole('textbox', { name: 'Write a message' }).fill('What does delivery to Tokai cost?')
  await chat.getByRole('textbox', { name: 'Write a message' }).press('Enter')
  await chat.getByText('R 82').first().waitFor()
  await look(page, 'start-8-web-chat')
  await page.getByRole('button', { name: 'Go to Home' }).click()

  // Home knows what happened.
  await page.getByRole('heading', { name: /Good (morning|afternoon|evening), Thandi/ }).waitFor()
  await page
    .getByText(/answered by the bot/)
    .first()
    .waitFor()
  await look(page, 'home')
})
