// A browser in front of the program, and a look at every screen: nothing that axe objects to, and a picture of it.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import axe from '@axe-core/playwright'
import { chromium } from 'playwright-core'

const AxeBuilder = axe.default ?? axe
const SHOTS = fileURLToPath(new URL('../shots/', import.meta.url))
const WIDE = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
const PATIENCE_MS = 30_000

/** A page whose mistakes (scripts that break, requests that the program refuses) are the test's. */
export async function openPage(test, { cookies = [] } = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.BOTFLOW_BROWSER || '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  test.after(() => browser.close())
  const context = await browser.newContext({
    viewport: WIDE,
    locale: 'en-ZA',
    timezoneId: 'Africa/Johannesburg',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(PATIENCE_MS)
  await context.addCookies(cookies)
  const page = await context.newPage()
  const mistakes = []
  page.on('pageerror', (error) => mistakes.push(`The page broke: ${error.message}`))
  page.on('response', (response) => {
    if (response.status() >= 500) mistakes.push(`${response.url()} answered ${response.status()}`)
  })
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) mistakes.push(message.text())
  })
  test.after(() => assert.deepEqual(mistakes, []))
  return page
}

/** Checks and photographs the screen as it is, on a phone and on a laptop; `wide` where the phone shows another one. */
export async function look(page, name, { wide = false } = {}) {
  mkdirSync(SHOTS, { recursive: true })
  for (const viewport of wide ? [WIDE] : [PHONE, WIDE]) {
    await page.setViewportSize(viewport)
    await page.waitForFunction(() => document.fonts.status === 'loaded')
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    assert.ok(tooWide <= 0, `${name} is ${tooWide} px wider than a screen of ${viewport.width} px`)
    await page.screenshot({ path: `${SHOTS}${name}-${viewport.width}.png` })
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
    const found = violations.map(
      (rule) => `${rule.id}: ${rule.help}\n  ${rule.nodes.map((node) => `${node.target} ${node.html}`).join('\n  ')}`,
    )
    assert.deepEqual(found, [], `${name} at ${viewport.width} px: ${found.join('\n')}`)
  }
}
