// Every place of the sample business, by day on a laptop and at night on a phone from right to left.
import { test } from 'node:test'
import { glance, openPage } from './support/browser.mjs'
import { connectWhatsapp, customerWrites, startGraph } from './support/graph.mjs'
import { DELIVERY, openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'
import { until } from './support/until.mjs'

const click = (name, role = 'button') => (page) => page.getByRole(role, { name }).first().click()
async function flowWords(page) {
  await page.getByRole('button', { name: 'More', exact: true }).last().click()
  await page.getByRole('menuitem', { name: 'Words and limits' }).click()
}

/** What the page shows when it is there: a name of the picture, an address, a sign, and what is done there. */
const SCREENS = [
  ['bots', '/bots', /Each bot answers/],
  ['bot-new', '/bots', 'What it does', click('New bot')],
  ['bot-flows', '/bots/:bot', /answers your customers, published/],
  ['flow-new', '/bots/:bot', 'Ready flows', click('New flow')],
  ['flow', '/bots/:bot/flows/main', 'Begins when a customer writes'],
  ['flow-step', '/bots/:bot/flows/main?step=answer', 'Where it leads'],
  ['flow-tests', '/bots/:bot/flows/main?side=tests', 'No tests yet'],
  ['flow-runs', '/bots/:bot/flows/main?side=runs', 'Going on'],
  ['flow-words', '/bots/:bot', 'To speak with a person', flowWords],
  ['bot-words', '/bots/:bot?tab=words', 'When somebody only says hello'],
  ['bot-knowledge', '/bots/:bot?tab=knowledge', 'For all bots'],
  ['bot-channels', '/bots/:bot?tab=channels', 'Set up channels'],
  ['bot-settings', '/bots/:bot?tab=settings', 'Delete this bot'],
  ['source', '/knowledge/:source', 'Returns'],
  ['source-menu', '/knowledge', 'Which bots use it', click(/^More about/)],
  ['passages', '/knowledge/:source', 'Passage 1', (page) => page.getByText('Passages', { exact: true }).click()],
  ['add-web', '/knowledge?add=web', 'Read the whole site'],
  ['add-text', '/knowledge?add=text', 'Write a text'],
  ['add-pairs', '/knowledge?add=pairs', 'Question 1'],
  ['gaps', '/knowledge/gaps', /sharpen/],
  ['gaps-teach', '/knowledge/gaps', 'The bot says', click(/^Teach:/)],
  ['answers-empty', '/knowledge/answers', 'Nothing taught yet'],
  ['person', '/inbox/:conversation?filter=all', 'What the bot noted'],
  ['why', '/inbox/:conversation?filter=all', 'What happened, step by step', click('Why this answer?')],
  ['inbox-nothing-found', '/inbox?filter=all&q=zebra', 'Nothing found'],
  ['settings-business', '/settings/business', 'Country and words'],
  ['settings-channels', '/settings/channels', 'Add: WhatsApp'],
  ['settings-web-chat', '/settings/channels/:web', 'How it looks'],
  ['whatsapp-app', '/settings/channels/:whatsapp', 'App ID'],
  ['whatsapp-secret', '/settings/channels/:whatsapp', 'Change the secret without a gap', click(/^Bring the app secret/)],
  ['whatsapp-token', '/settings/channels/:whatsapp', /whatsapp_business_management/, click(/^Give BotFlow/)],
  ['whatsapp-webhook', '/settings/channels/:whatsapp', 'Check now', click(/^Tell WhatsApp/)],
  ['settings-address', '/settings/address', 'How the world reaches this computer'],
  ['settings-address-own', '/settings/address', 'Getting an address', click('I have an address', 'radio')],
  ['settings-answers', '/settings/answers', 'Answer services'],
  ['settings-answers-add', '/settings/answers', 'Give up after (seconds)', click('Add a service')],
  ['settings-services', '/settings/services', 'Your mail server'],
  ['secret-new', '/settings/services', 'Sealed on this computer and never shown again.', click('Keep a secret')],
  ['settings-look', '/settings/look', 'Light or dark'],
  ['settings-computer', '/settings/computer', 'Keep this computer awake while it is plugged in'],
  ['settings-about', '/settings/about', 'Your data'],
  ['settings-check-up', '/settings/about', /^(All is well|It works|One thing|\d+ things)/, click('Check everything')],
  ['settings-password', '/settings/about', 'New password', click('Change the password')],
  ['not-found', '/nowhere', 'This page is not here'],
  ['search', '/', 'Show the keys', (page) => page.keyboard.press('Control+k')],
  ['keys', '/inbox', 'Keys of this place', (page) => page.keyboard.press('?')],
]

test('every place, by day and at night', async (t) => {
  const graph = await startGraph(t)
  const program = await startProgram(t, { BOTFLOW_GRAPH_URL: graph.url })
  const owner = await openShop(program)
  await owner.teach('Delivery and returns', DELIVERY)
  const { bot, channel } = await owner.openChat()
  const whatsapp = await connectWhatsapp(owner, bot.id)
  await customerWrites(program, whatsapp, 'What does delivery to Wynberg cost?')
  await until('the customer is answered', () => graph.words().some((words) => words.includes('R 88')))
  await customerWrites(program, whatsapp, 'Do you sharpen kitchen knives?')
  await until('the question is kept', async () => (await owner.get('/gaps')).items.length > 0)
  const [conversation] = (await owner.get('/conversations?filter=all')).items
  const [source] = (await owner.get('/sources')).items
  const ids = { bot: bot.id, source: source.id, web: channel.id, whatsapp, conversation: conversation.id }

  const page = await openPage(t, { cookies: owner.cookies() })
  for (const [name, path, sign, deed] of SCREENS) {
    await t.test(name, async () => {
      await page.goto(program.admin + path.replace(/:(\w+)/, (_, id) => ids[id]))
      await page.locator('#content').waitFor()
      if (deed) {
        await page.waitForLoadState('networkidle')
        await deed(page)
      }
      await page.getByText(sign).first().waitFor()
      await glance(page, name)
    })
  }

  await t.test('the second secret is taken, and forgotten again', async () => {
    await page.goto(`${program.admin}/settings/channels/${whatsapp}`)
    await page.getByRole('button', { name: /^Bring the app secret/ }).click()
    await page.getByRole('button', { name: 'Change the secret without a gap' }).click()
    await page.getByRole('textbox', { name: 'Second app secret' }).fill('fedcba9876543210fedcba9876543210')
    await page.getByRole('button', { name: 'Save and check' }).last().click()
    const kept = async () => (await owner.get(`/channels/${whatsapp}`)).whatsapp.has_second_app_secret
    await until('the second secret is kept', kept)
    // A step whose check went green has given way to the next one.
    await page.reload()
    await page.getByRole('button', { name: /^Bring the app secret/ }).click()
    const forget = page.getByRole('button', { name: 'Remove the second secret' })
    await forget.click()
    await until('the second secret is forgotten', async () => !(await kept()))
  })

  await t.test('who is not signed in sees the door', async () => {
    await page.context().clearCookies()
    await page.goto(program.admin)
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
    await page.getByLabel('E-mail').fill('somebody@shop.example')
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await glance(page, 'login')
  })
})
