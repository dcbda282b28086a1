// A customer on WhatsApp: seen live, answered by hand, and the bot stays silent until it is asked back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { look, openPage } from './support/browser.mjs'
import { CUSTOMER, connectWhatsapp, customerWrites, startGraph } from './support/graph.mjs'
import { DELIVERY, openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'
import { until } from './support/until.mjs'

const BY_HAND = 'I keep two of them at the counter for you.'

test('a WhatsApp message is answered by hand while the bot falls silent', async (t) => {
  const graph = await startGraph(t)
  const program = await startProgram(t, { BOTFLOW_GRAPH_URL: graph.url })
  const owner = await openShop(program)
  await owner.teach('Delivery and returns', DELIVERY)
  const { bot } = await owner.openChat()
  const channel = await connectWhatsapp(owner, bot.id)
  const page = await openPage(t, { cookies: owner.cookies() })
  await page.goto(`${program.admin}/inbox`)
  await page.getByText('No open conversations').waitFor()
  await look(page, 'inbox-empty')

  // The customer writes while the owner looks: list and answer come by themselves.
  await customerWrites(program, channel, 'What does delivery to Wynberg cost?')
  await page.getByRole('link', { name: new RegExp(CUSTOMER) }).click()
  const thread = page.getByRole('log')
  await thread.getByText('What does delivery to Wynberg cost?').waitFor()
  await thread.getByText(/R 88/).first().waitFor()
  await until('the answer reaches WhatsApp', () => graph.words().some((words) => words.includes('R 88')))
  await look(page, 'inbox-answered-by-bot')

  // A word by hand takes over.
  const before = graph.words().length
  const field = page.getByRole('textbox', { name: `Write to ${CUSTOMER}` })
  await field.fill(BY_HAND)
  await field.press('Enter')
  await until('the words by hand reach WhatsApp', () => graph.words().includes(BY_HAND))
  await page.getByText('The bot is silent here. You answer.').waitFor()

  // The next message is not answered by the bot, the one after giving back is: whatever the bot would have said to the
  // first must have left before it.
  await customerWrites(program, channel, 'What does delivery to Tokai cost?')
  await thread.getByText('What does delivery to Tokai cost?').waitFor()
  await look(page, 'inbox-answered-by-hand')
  await page.getByRole('button', { name: 'Give back to the bot' }).click()
  await page.getByText('The bot answers here.', { exact: false }).first().waitFor()
  await customerWrites(program, channel, 'Can unused parts be returned?')
  await until('the bot answers again', () => graph.words().some((words) => words.includes('14 days')))
  const after = graph.words().slice(before)
  assert.equal(after[0], BY_HAND)
  assert.ok(!after.some((words) => words.includes('R 82')), `the bot spoke into the talk: ${after.join(' | ')}`)
})
