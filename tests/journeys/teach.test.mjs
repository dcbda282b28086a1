// What is missing or wrong is taught in two clicks, and the next one who asks gets the owner's words.
import { test } from 'node:test'
import { look, openPage } from './support/browser.mjs'
import { DELIVERY, openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'

const CASES = [
  {
    what: 'a missing answer',
    question: 'Do you sharpen kitchen knives?',
    teach: 'Teach the answer',
    words: 'Yes, R 45 a knife, ready the next morning.',
  },
  {
    what: 'a wrong answer',
    question: 'What does delivery to Wynberg cost?',
    teach: 'Wrong? Teach it',
    words: 'To Wynberg we now deliver for R 95.',
  },
]

test('an answer is taught in two clicks', async (t) => {
  const program = await startProgram(t)
  const owner = await openShop(program)
  await owner.teach('Delivery and returns', DELIVERY)
  const page = await openPage(t, { cookies: owner.cookies() })
  await page.goto(`${program.admin}/knowledge`)
  const box = page.getByRole('textbox', { name: 'Ask as a customer would' })
  const talk = page.getByRole('log', { name: 'Ask as a customer would' })
  await box.waitFor()
  await look(page, 'knowledge')

  for (const { what, question, teach, words } of CASES) {
    await t.test(what, async () => {
      await box.fill(question)
      await box.press('Enter')
      // The turn of this question; after teaching, the one in which it is asked again.
      const turn = talk.locator(':scope > div').filter({ hasText: question }).last()
      // The first click opens the form, the second saves it.
      await turn.getByRole('button', { name: teach }).click()
      await turn.getByRole('textbox', { name: 'The bot says' }).fill(words)
      await look(page, `teach-${what.replaceAll(' ', '-')}`, { wide: true })
      await turn.getByRole('button', { name: 'Save and use it' }).click()
      await turn.getByText(words, { exact: true }).waitFor()
      await turn.getByText('Your approved answer').waitFor()
    })
  }

  await t.test('and it is still known in a fresh window', async () => {
    await page.reload()
    await box.waitFor()
    const { question, words } = CASES[0]
    await box.fill(question.toLowerCase())
    await box.press('Enter')
    await talk.getByText(words, { exact: true }).waitFor()
    await look(page, 'teach-asked-again', { wide: true })
    await page.goto(`${program.admin}/knowledge/answers`)
    await page.getByText(words).waitFor()
    await look(page, 'answers')
  })
})
