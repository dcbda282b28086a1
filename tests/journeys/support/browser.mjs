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
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

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

/** Ways to look at a screen. A colour scheme and a direction turn it around as it stands, so that nothing typed is lost. */
const LAPTOP = { name: '1440', viewport: WIDE }
const POCKET = { name: '390', viewport: PHONE }
const NIGHT = { name: '390-dark-rtl', viewport: PHONE, dark: true, turned: true }

/** Checks and photographs the screen: on a phone, there at night and read from right to left, and on a laptop. */
export async function look(page, name, { wide = false } = {}) {
  mkdirSync(SHOTS, { recursive: true })
  // `wide` where the phone shows another screen.
  for (const way of wide ? [LAPTOP] : [POCKET, NIGHT, LAPTOP]) await lookAt(page, name, way)
}

/** The same with two pictures: a laptop by day, a phone at night and from right to left. */
export async function glance(page, name) {
  mkdirSync(SHOTS, { recursive: true })
  for (const way of [NIGHT, LAPTOP]) await lookAt(page, name, way)
}

async function lookAt(page, name, { name: suffix, viewport, dark = false, turned = false }) {
  await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
  const before = await page.evaluate((rtl) => {
    const { dir } = document.documentElement
    if (rtl) document.documentElement.dir = 'rtl'
    return dir
  }, turned)
  await page.waitForFunction(() => document.fonts.status === 'loaded')
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  assert.ok(tooWide <= 0, `${name} is ${tooWide} px wider than a screen of ${viewport.width} px`)
  await page.screenshot({ path: `${SHOTS}${name}-${suffix}.png` })
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
  const found = violations.map(
    (rule) => `${rule.id}: ${rule.help}\n  ${rule.nodes.map((node) => `${node.target} ${node.html}`).join('\n  ')}`,
  )
  assert.deepEqual(found, [], `${name} at ${suffix}: ${found.join('\n')}`)
  await page.evaluate((dir) => {
    document.documentElement.dir = dir
  }, before)
  await page.emulateMedia({ colorScheme: 'light' })
}
