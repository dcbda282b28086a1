// Pictures of places for looking at: `node dev/shots.mjs /inbox /knowledge`; needs the mock and `npm run dev` or `preview`.
// SIZES=1440,390 SCHEMES=light,dark BASE=http://127.0.0.1:5173 OUT=/tmp/shots DIR=rtl
import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'

const base = process.env.BASE ?? 'http://127.0.0.1:5174'
const out = process.env.OUT ?? '/tmp/shots'
const sizes = (process.env.SIZES ?? '1440,390').split(',').map(Number)
const schemes = (process.env.SCHEMES ?? 'light,dark').split(',')
const paths = process.argv.slice(2)
mkdirSync(out, { recursive: true })

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
for (const width of sizes) {
  for (const colorScheme of schemes) {
    const page = await browser.newPage({ viewport: { width, height: width < 600 ? 844 : 900 }, colorScheme })
    page.on('console', (message) => message.type() === 'error' && console.log('console:', message.text()))
    page.on('pageerror', (error) => console.log('page error:', error.message))
    for (const path of paths.length ? paths : ['/']) {
      const address = new URL(path, base)
      if (process.env.DIR) address.searchParams.set('dir', process.env.DIR)
      await page.goto(address.href)
      await page.waitForLoadState('load')
      await page.waitForTimeout(Number(process.env.WAIT ?? 900))
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (wide > 0) console.log(`${path} at ${width}: ${wide} px too wide`)
      const name = path.replace(/\W+/g, '_').replace(/^_|_$/g, '') || 'home'
      await page.screenshot({ path: `${out}/${name}-${width}-${colorScheme}${process.env.DIR ? '-rtl' : ''}.png` })
    }
    await page.close()
  }
}
await browser.close()
