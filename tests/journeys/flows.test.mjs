// Flows as an owner makes them: drawn from nothing, tried, kept as a test, published, and talked through by customers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { glance, openPage } from './support/browser.mjs'
import { builderOf } from './support/builder.mjs'
import { tabTo } from './support/keys.mjs'
import { openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'
import { openSite, openTalk } from './support/site.mjs'

const DAY_MS = 86_400_000

/** A working day that is still to come, as the shop writes it. */
function workingDay() {
  const at = new Date(Date.now() + 2 * DAY_MS)
  while ([0, 6].includes(at.getUTCDay())) at.setTime(at.getTime() + DAY_MS)
  return at.toISOString().slice(0, 10)
}

test('booking an appointment, from an empty canvas to a customer who has one', async (t) => {
  const program = await startProgram(t)
  const owner = await openShop(program)
  const { bot, channel } = await owner.openChat()
  const page = await openPage(t, { cookies: owner.cookies() })
  const builder = builderOf(page)
  const { panel, field } = builder
  const day = workingDay()
  const booked = `You are booked: ${day} at 10:30, Ann.`

  await page.goto(`${program.admin}/bots/${bot.id}`)
  await page.getByRole('button', { name: 'New flow' }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Appointments')
  await page.getByRole('button', { name: /^Empty/ }).click()
  await page.getByText('This flow has no steps yet').waitFor()

  await t.test('is drawn by mouse', async () => {
    await builder.drag('Message received', 120, 260)
    await panel.getByRole('combobox', { name: 'Begins with' }).click()
    await page.getByRole('option', { name: 'A word in it' }).click()
    await field('Words').fill('appointment')
    await field('Words').press('Enter')
    await builder.drag('Ask for a day', 420, 260)
    await field('Question').fill('Which day suits you?')
    await field('Keep the reply as').fill('day')
    await builder.draw('Message received', 'next', 'Ask for a day')
  })

  await t.test('and by keyboard', async () => {
    const ask = async (letters, kind, question, name) => {
      await builder.next(letters, kind)
      await builder.canvas.press('Enter')
      await tabTo(page, /^Question/, { field: true })
      await page.keyboard.type(question)
      await tabTo(page, /^Keep the reply as/, { field: true })
      await page.keyboard.type(name)
      await page.keyboard.press('Escape')
    }
    await builder.step('Ask for a day').click()
    await ask('ask time', 'Ask for a time', 'At what time?', 'time')
    await ask('ask words', 'Ask for words', 'And your name?', 'name')
    await builder.next('book', 'Book a time')
    await field('Time').fill('{{ day }}T{{ time }}')
    await builder.next('send text', 'Send a text')
    await field('Text').fill('You are booked: {{ day }} at {{ time }}, {{ name }}.')
    await builder.step('Book a time').click()
    await builder.next('hand over', 'Hand over to a person')
    // The other way out of trouble leads to the same person.
    await builder.step('Book a time').click()
    await builder.canvas.press('w')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox', { name: /way/i }).click()
    await page.getByRole('option', { name: 'If it fails' }).click()
    await dialog.getByRole('button', { name: /^Hand over/ }).click()
    await builder.canvas.press('l')
    await builder.saved()
    await glance(page, 'flows-drawn')
  })

  await t.test('is tried: a failure, a step back in time, and the way that goes well becomes a test', async () => {
    const trial = builder.trial()
    await trial.open()
    await trial.says('I need an appointment', 'Which day suits you?')
    await trial.says(day, 'At what time?')
    await trial.says('10:30', 'And your name?')
    await trial.fails('Something takes too long')
    await trial.says('Ann', /Would hand the conversation to a person/)
    await glance(page, 'flows-failed')
    await trial.back()
    await trial.back()
    await trial.log.getByText(/Would hand the conversation/).waitFor({ state: 'detached' })
    await trial.says('Ann', booked)
    await trial.keep('Somebody books')
    await page.getByRole('button', { name: 'The test passes' }).waitFor()
  })

  await t.test('goes live under a name', async () => {
    await builder.publish('With appointments')
    await builder.side('Versions')
    await page.getByText('Version 2: With appointments').waitFor()
  })

  await t.test('and a visitor of the website has an appointment', async () => {
    const site = await openSite(t, `<script src="${program.public}/chat/${channel.id}/widget.js" async></script>`)
    const talk = await openTalk(await openPage(t), site)
    await talk.says('Can I get an appointment?', 'Which day suits you?')
    await talk.says('some day', 'Which day suits you?')
    await talk.says(day, 'At what time?')
    await talk.says('half past ten', 'And your name?')
    await talk.says('Ann', booked)
    const [booking] = (await owner.get('/bookings')).items
    assert.equal(booking.start_at, Date.parse(`${day}T10:30:00+02:00`))
    await glance(talk.page, 'flows-visitor')
  })
})

/** A flow that asks two questions; `id` of a step is its part in the story. */
const VISIT = {
  format: 2,
  flows: [
    {
      id: 'visit',
      name: 'Visits',
      steps: [
        { id: 'begin', kind: 'message_received', fields: { on: 'keyword', words: ['visit'] } },
        { id: 'about', kind: 'ask_text', fields: { text: 'What is it about?', variable: 'about' } },
        { id: 'day', kind: 'ask_date', fields: { text: 'Which day?', variable: 'day' } },
        { id: 'thanks', kind: 'text', fields: { text: 'We come on {{ day }}.' } },
      ].map((step, i) => ({ ...step, position: { x: i * 280, y: 0 } })),
      edges: ['begin about', 'about day', 'day thanks'].map((way) => {
        const [from, to] = way.split(' ')
        return { from, branch: 'next', to }
      }),
    },
  ],
}

test('a flow that changes while a customer is in the middle of it', async (t) => {
  const program = await startProgram(t)
  const owner = await openShop(program)
  const { bot, channel } = await owner.openChat()
  const { id } = await owner.post(`/bots/${bot.id}/flows`, { name: 'Visits', definition: VISIT })
  await owner.post(`/bots/${bot.id}/publish`, { name: 'With a day' })
  const site = await openSite(t, `<script src="${program.public}/chat/${channel.id}/widget.js" async></script>`)
  const begin = async () => {
    const talk = await openTalk(await openPage(t), site)
    await talk.says('I need a visit', 'What is it about?')
    return talk
  }
  const day = workingDay()
  const waiting = await begin()
  await waiting.says('A tap', 'Which day?')

  const page = await openPage(t, { cookies: owner.cookies() })
  const builder = builderOf(page)
  await page.goto(`${program.admin}/bots/${bot.id}/flows/${id}`)

  await t.test('loses the step at which the customer is', async () => {
    await builder.step('Ask for a day').click()
    await builder.canvas.press('Delete')
    await builder.step('Ask for a day').waitFor({ state: 'detached' })
    // The way heals by itself: what came before leads to what came after.
    await builder.edges(2)
    await builder.step('Send a text').click()
    await builder.field('Text').fill('We will call you about {{ about }}.')
    await builder.saved()
  })

  await t.test('is published, and who would be stranded is kept where they are', async () => {
    await builder.publish('Without a day', async (dialog) => {
      await dialog.getByText('1 conversation is in the middle of a flow').waitFor()
      await dialog.getByText('The step “Ask for a day” is no longer there.').waitFor()
      await dialog.getByRole('radio', { name: 'Move' }).waitFor({ state: 'attached' })
      await glance(page, 'flows-open-conversations')
      await dialog.getByRole('button', { name: 'Look at it' }).click()
      const changes = page.getByRole('dialog', { name: /^From .* to / })
      await changes.getByText('1 step removed').waitFor()
      await glance(page, 'flows-compared')
      await changes.getByRole('button', { name: 'Close' }).click()
      await dialog.getByRole('button', { name: 'Keep all' }).click()
      assert.ok(await dialog.getByRole('radio', { name: 'Keep' }).isChecked())
    })
    await waiting.says(day, `We come on ${day}.`)
    const fresh = await begin()
    await fresh.says('A tap', 'We will call you about A tap.')
  })

  await t.test('goes back to what it was', async () => {
    await builder.side('Versions')
    await page.getByRole('button', { name: 'More about version 2', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Bring this version back' }).click()
    await page.getByText('Version 2 is live again, as version 4.').waitFor()
    await glance(page, 'flows-versions')
    const again = await begin()
    await again.says('A tap', 'Which day?')
    await again.says(day, `We come on ${day}.`)
  })
})
