// By hand on WhatsApp: after 24 hours inside the approved message, and once the customer writes again also with a file.
import { test } from 'node:test'
import { glance, look, openPage } from './support/browser.mjs'
import { CUSTOMER, connectWhatsapp, customerWrites, startGraph } from './support/graph.mjs'
import { openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'
import { until } from './support/until.mjs'

const HOUR = 3_600_000
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

test('after 24 hours words go out in the approved message, and files once the customer writes', async (t) => {
  const graph = await startGraph(t)
  const program = await startProgram(t, { BOTFLOW_GRAPH_URL: graph.url })
  const owner = await openShop(program)
  const { bot } = await owner.openChat()
  const channel = await connectWhatsapp(owner, bot.id)
  await customerWrites(program, channel, 'Is my tap ready?', Date.now() - 25 * HOUR)
  const page = await openPage(t, { cookies: owner.cookies() })
  await page.goto(`${program.admin}/inbox?filter=all`)

  // Locked, with the way to what can be done about it.
  await page.getByRole('link', { name: new RegExp(CUSTOMER) }).click()
  await page.getByText('WhatsApp has closed this conversation for now').waitFor()
  await look(page, 'after-24-hours-locked')
  await page.getByRole('link', { name: 'Name one in the channel’s settings' }).click()
  const name = page.getByRole('textbox', { name: 'Name of the approved message' })
  await name.fill('We are here')
  await page.getByRole('textbox', { name: 'Language' }).fill('english')
  // What WhatsApp does not know is said at the field.
  const language = page.getByRole('textbox', { name: 'Language' })
  await page.getByText('Write it as WhatsApp Manager does').waitFor()
  await language.fill('en')
  await page.getByRole('switch', { name: 'Put my words into it' }).press('Space')
  await page.locator('#after-24-hours').getByText('Saved').waitFor()
  await until('the approved message is kept', async () => {
    const { whatsapp } = await owner.get(`/channels/${channel}`)
    const { name, language, with_text } = whatsapp.fallback_template ?? {}
    return name === 'we_are_here' && language === 'en' && with_text
  })
  await name.scrollIntoViewIfNeeded()
  await look(page, 'after-24-hours-settings')

  // Unlocked: the words go inside it, a file cannot.
  await page.goto(`${program.admin}/inbox?filter=all`)
  await page.getByRole('link', { name: new RegExp(CUSTOMER) }).click()
  await page.getByText('your words go out inside your approved message “we_are_here”').waitFor()
  const field = page.getByRole('textbox', { name: `Write to ${CUSTOMER}` })
  await field.fill('Your tap is ready.')
  await glance(page, 'after-24-hours-written')
  await field.press('Enter')
  await until('the words reach WhatsApp inside the approved message', () =>
    graph.words().some((words) => words.includes('we_are_here') && words.includes('Your tap is ready.')),
  )

  // The customer writes again: a file goes with its words. One that is refused says why and stays.
  await customerWrites(program, channel, 'Can you show me?')
  const attach = page.getByRole('button', { name: 'Attach a file' })
  await attach.waitFor()
  const chooser = page.locator('input[type=file]')
  await chooser.setInputFiles({ name: 'nothing.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) })
  await page.getByRole('textbox', { name: 'Words under nothing.pdf' }).press('Enter')
  await page.getByRole('alert').filter({ hasText: 'This file is empty' }).waitFor()
  await look(page, 'file-refused')
  await page.getByRole('button', { name: 'Remove nothing.pdf' }).press('Enter')
  await chooser.setInputFiles({ name: 'tap.png', mimeType: 'image/png', buffer: PICTURE })
  const caption = page.getByRole('textbox', { name: 'Words under tap.png' })
  await caption.fill('Here it is.')
  await look(page, 'file-picked')
  await caption.press('Enter')
  await page.getByRole('log').getByRole('img', { name: 'Here it is.' }).waitFor()
  await until('the picture reaches WhatsApp', () =>
    graph.words().some((words) => words.includes('"image"') && words.includes('Here it is.')),
  )
  await chooser.setInputFiles({ name: 'invoice.txt', mimeType: 'text/plain', buffer: Buffer.from('R 88') })
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('log').getByRole('link', { name: /invoice\.txt/ }).waitFor()
  await look(page, 'file-sent')

  // How long what customers send is kept.
  await page.goto(`${program.admin}/settings/about`)
  const days = page.getByRole('textbox', { name: 'Keep customers’ files for so many days' })
  await days.fill('3')
  await page.getByText('Choose between 7 and 3650 days.').waitFor()
  await days.fill('30')
  await days.press('Tab')
  await until('it is kept', async () => (await owner.get('/settings/media')).keep_days === 30)
  await glance(page, 'keep-files')
})
