// The program goes away while somebody writes, and comes back: nothing typed is lost, and the screen is live again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { look, openPage } from './support/browser.mjs'
import { DELIVERY, openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'
import { openVisitor } from './support/visitor.mjs'

const DRAFT = 'Come by on Friday, then'

test('the program stops and comes back while the inbox is open', async (t) => {
  const program = await startProgram(t)
  const owner = await openShop(program)
  await owner.teach('Delivery and returns', DELIVERY)
  const { channel } = await owner.openChat()
  const visitor = await openVisitor(program, channel.id)
  await visitor.writes('What does delivery to Wynberg cost?')

  const page = await openPage(t, { cookies: owner.cookies() })
  await page.goto(`${program.admin}/inbox`)
  await page.getByRole('link', { name: /Web visitor/ }).click()
  const thread = page.getByRole('log')
  await thread.getByText(/R 88/).first().waitFor()
  const field = page.getByRole('textbox', { name: /^Write to/ })
  await field.fill(DRAFT)
  await page.evaluate(() => {
    window.samePage = true
  })

  await program.stop()
  const banner = page.getByText('BotFlow is not answering', { exact: false }).first()
  await banner.waitFor()
  await look(page, 'offline')
  assert.equal(await field.inputValue(), DRAFT)

  await program.start()
  await banner.waitFor({ state: 'detached', timeout: 45_000 })
  await visitor.writes('And to Tokai, please?')
  await thread.getByText('And to Tokai, please?').waitFor()
  assert.equal(await field.inputValue(), DRAFT)
  assert.equal(await page.evaluate(() => window.samePage), true, 'the page was not loaded again')

  await page.reload()
  await thread.getByText('And to Tokai, please?').waitFor()
  assert.equal(await field.inputValue(), DRAFT)
})
