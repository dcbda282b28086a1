// Pictures of the chat: wide and narrow, day and night, right to left, as a page. Needs `npm run dev`; PLAYWRIGHT from ../.
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../../package.json', import.meta.url))('playwright-core')
const out = process.env.OUT ?? '/tmp/shots'
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
const cases = [
  ['wide', 1440, 'light', 'http://127.0.0.1:4881/'],
  ['wide-dark', 1440, 'dark', 'http://127.0.0.1:4881/?position=left'],
  ['phone', 390, 'light', 'http://127.0.0.1:4881/?accent=ffd400'],
  ['phone-dark', 390, 'dark', 'http://127.0.0.1:4881/'],
  ['rtl', 390, 'light', 'http://127.0.0.1:4881/?language=ar'],
  ['page', 1440, 'light', 'http://127.0.0.1:4880/chat/demo'],
  ['silent', 390, 'light', 'http://127.0.0.1:4881/?mode=silent'],
  ['down', 390, 'light', 'http://127.0.0.1:4881/?mode=down'],
]
for (const [name, width, colorScheme, url] of cases.filter(([name]) => !process.argv[2] || name === process.argv[2])) {
  const page = await browser.newPage({ viewport: { width, height: width < 600 ? 844 : 900 }, colorScheme })
  page.on('console', (m) => m.type() === 'error' && console.log(name, 'console:', m.text()))
  page.on('pageerror', (error) => console.log(name, 'page error:', error.message))
  await page.goto(url)
  if (!url.endsWith('demo')) {
    await page.getByRole('button', { name: /Chat|تحدث/ }).waitFor()
    await page.screenshot({ path: `${out}/chat-${name}-closed.png` })
    await page.locator('.launch').click()
  }
  for (const text of ['How much is a new screen?', 'person please', 'list', 'menu']) {
    await page.locator('textarea').fill(text)
    await page.keyboard.press('Enter')
    if (text.startsWith('How')) {
      await page.waitForTimeout(1600)
      await page.screenshot({ path: `${out}/chat-${name}-growing.png` })
    }
    await page.waitForTimeout(text.startsWith('How') ? 4000 : 1400)
  }
  await page.waitForTimeout(name === 'down' ? 4000 : 600)
  await page.screenshot({ path: `${out}/chat-${name}.png` })
  await page.close()
}
await browser.close()
