// The hands of an owner in the builder: steps from the palette, ways drawn with the mouse, settings filled in.
import assert from 'node:assert/strict'
import { until } from './until.mjs'

/** The builder that the page shows. */
export function builderOf(page) {
  const canvas = page.locator('.react-flow')
  const panel = page.getByRole('complementary', { name: 'Settings of the step' })
  const step = (title) => canvas.locator('.react-flow__node').filter({ hasText: title }).first()
  const start = (title, way) => step(title).locator(`.react-flow__handle[data-handleid="${way}"]`)

  async function middle(locator) {
    const box = await locator.boundingBox()
    assert.ok(box, 'what the mouse is to touch is on screen')
    return [box.x + box.width / 2, box.y + box.height / 2]
  }

  return {
    canvas,
    panel,
    step,
    field: (name) => panel.getByLabel(name).and(panel.locator('input, textarea')).first(),

    /** Drags a kind of step out of the palette to a place of the canvas, from its upper left corner. */
    async drag(kind, x, y) {
      await page.getByRole('option', { name: kind, exact: true }).dragTo(canvas, { targetPosition: { x, y } })
      await panel.getByRole('heading', { name: kind }).waitFor({ state: 'attached' })
    },

    /** Draws a way with the mouse. */
    async draw(from, way, to) {
      const known = await canvas.locator('.react-flow__edge').count()
      // Waits until the canvas stands still.
      await start(from, way).hover()
      await page.mouse.down()
      await page.mouse.move(...(await middle(step(to).locator('.react-flow__handle.target'))), { steps: 5 })
      await page.mouse.up()
      await canvas.locator('.react-flow__edge').nth(known).waitFor({ state: 'attached' })
    },

    /** Resolves when so many ways are drawn. */
    async edges(count) {
      await until(`${count} ways are drawn`, async () => (await canvas.locator('.react-flow__edge').count()) === count)
    },

    /** With the keys alone: the next step after the chosen one, by the first letters of its kind. */
    async next(letters, kind) {
      await canvas.press('n')
      const search = page.getByRole('dialog').getByRole('combobox', { name: 'Find a step to add' })
      await search.waitFor()
      await page.keyboard.type(letters)
      await page.getByRole('dialog').getByRole('option', { selected: true }).filter({ hasText: kind }).waitFor()
      await page.keyboard.press('Enter')
      await panel.getByRole('heading', { name: kind }).waitFor({ state: 'attached' })
    },

    async close() {
      await panel.getByRole('button', { name: 'Close the settings' }).click()
      await panel.waitFor({ state: 'detached' })
    },

    /** Opens one of the panels beside the canvas by its name in the menu. */
    async side(name) {
      await page.getByRole('button', { name: 'More about this flow' }).click()
      await page.getByRole('menuitem', { name, exact: true }).click()
    },

    /** Publishes under a name; `look` sees what is asked before. */
    async publish(name, look = async () => {}) {
      await page.getByRole('button', { name: 'Publish', exact: true }).click()
      const dialog = page.getByRole('dialog', { name: 'Publish' })
      await dialog.getByRole('textbox', { name: /^Name/ }).fill(name)
      await look(dialog)
      await dialog.getByRole('button', { name: 'Publish' }).click()
      await page.getByText(/^Version \d+ is live\.$/).waitFor()
    },

    trial: () => trialOf(page),

    /** Resolves when the program has everything. */
    saved: () => page.getByText('Saved', { exact: true }).first().waitFor(),
  }
}

/** The talk beside the canvas. */
function trialOf(page) {
  const side = page.getByRole('region', { name: 'Try it' })
  const log = side.getByRole('log')
  const field = side.getByRole('textbox', { name: 'Write as the customer' })
  return {
    log,
    open: () => page.getByRole('button', { name: 'Try it' }).click(),
    async says(words, answer) {
      const known = await log.getByText(answer).count()
      await field.fill(words)
      await field.press('Enter')
      await log.getByText(answer).nth(known).waitFor()
    },
    /** What comes next goes wrong. */
    async fails(how) {
      await side.getByRole('button', { name: /^Send something else/ }).click()
      await page.getByRole('menuitem', { name: how }).click()
    },
    back: () => side.getByRole('button', { name: 'One step back' }).click(),
    async keep(name) {
      await side.getByRole('button', { name: 'Save as test' }).click()
      await page.getByRole('textbox', { name: 'Name of the test' }).fill(name)
      await page.keyboard.press('Enter')
      await page.getByText(`“${name}” is a test now.`).waitFor()
    },
  }
}
