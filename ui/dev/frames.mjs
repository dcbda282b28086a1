// How smooth the canvas is: the time between frames while a step is dragged and while one looks around, in a real browser
// in front of the program. `cargo xtask bench canvas` calls it: `SESSION=name=value node dev/frames.mjs ADDRESS PATH`.
// Prints one line of JSON; times are in milliseconds.
import { setTimeout as pause } from 'node:timers/promises'
import { chromium } from 'playwright-core'

const [address, path] = process.argv.slice(2)
const [name, ...value] = (process.env.SESSION ?? '').split('=')
if (!address || !path || value.length === 0) throw new Error('SESSION, an address and a path are needed.')

const PATIENCE_MS = 60_000
const LONG_MS = 4_000
/** As often as a mouse tells where it is. */
const MOUSE_MS = 8
const RADIUS = 90

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
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-ZA' })
  context.setDefaultTimeout(PATIENCE_MS)
  await context.addCookies([{ name, value: value.join('='), url: address }])
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(address + path)
  await page.locator('.react-flow__node').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => document.fonts.status === 'loaded')

  const idle = await framesWhile(page, () => pause(LONG_MS))
  const near = await sight(page)
  const drag = await framesWhile(page, () => dragInCircles(page))
  const pan = await framesWhile(page, () => lookAround(page))
  await page.locator('.react-flow__controls-fitview').click()
  await page.mouse.move(5, 5)
  await pause(1_000)
  const far = await sight(page)
  const whole = await framesWhile(page, () => dragInCircles(page))
  // What was moved is saved a moment later.
  await page.waitForLoadState('networkidle')
  await pause(2_000)
  const found = { idle, drag, pan, far: whole, ...near, far_cards: far.cards, far_zoom: far.zoom }
  process.stdout.write(`${JSON.stringify(found)}\n`)
} finally {
  await browser.close()
}

/** The time from each frame to the next while `deed` is done. */
async function framesWhile(page, deed) {
  await page.evaluate(() => {
    const kept = { at: [], on: true }
    globalThis.keptFrames = kept
    const next = (at) => {
      kept.at.push(at)
      if (kept.on) requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  })
  await deed()
  const at = await page.evaluate(() => {
    globalThis.keptFrames.on = false
    return globalThis.keptFrames.at
  })
  const gaps = at.slice(1).map((time, i) => time - at[i])
  gaps.sort((a, b) => a - b)
  const of = (share) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0
  return { median: of(0.5), p95: of(0.95), longest: of(1), count: gaps.length }
}

/** How much of the drawing there is to see. */
function sight(page) {
  return page.evaluate(() => ({
    cards: document.querySelectorAll('.react-flow__node').length,
    zoom: new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport')).transform).a,
  }))
}

/** The step nearest to the middle of the canvas that can be taken: its id, and where. */
async function takeable(page) {
  const found = await page.evaluate(() => {
    const canvas = document.querySelector('.react-flow').getBoundingClientRect()
    const middle = { x: canvas.x + canvas.width / 2, y: canvas.y + canvas.height / 2 }
    const steps = [...document.querySelectorAll('.react-flow__node')].map((node) => {
      const box = node.getBoundingClientRect()
      // On its name, away from where ways begin and end.
      const at = { x: box.x + box.width * 0.4, y: box.y + Math.min(20, box.height / 2) }
      return { id: node.dataset.id, ...at, far: Math.hypot(at.x - middle.x, at.y - middle.y) }
    })
    steps.sort((a, b) => a.far - b.far)
    return steps.find(
      ({ id, x, y }) => document.elementFromPoint(x, y)?.closest('.react-flow__node')?.dataset.id === id,
    )
  })
  if (!found) throw new Error('There is no step that can be dragged.')
  return found
}

function place(page, id) {
  return page.evaluate((step) => document.querySelector(`.react-flow__node[data-id="${step}"]`)?.style.transform, id)
}

/** Takes a step and moves it around for a while; it is let go at another place. */
async function dragInCircles(page) {
  const { id, x, y } = await takeable(page)
  const before = await place(page, id)
  await page.mouse.move(x, y)
  await page.mouse.down()
  const end = Date.now() + LONG_MS
  for (let turn = 0; Date.now() < end; turn += 0.06) {
    const reach = Math.min(RADIUS, turn * 30)
    await page.mouse.move(x + Math.sin(turn) * reach, y - Math.cos(turn) * reach)
    await pause(MOUSE_MS)
  }
  await page.mouse.move(x + RADIUS, y + RADIUS)
  await page.mouse.up()
  if ((await place(page, id)) === before) throw new Error(`The step “${id}” did not move.`)
}

/** Moves over the drawing with the wheel, to the right and down and back. */
async function lookAround(page) {
  const { x, y } = await takeable(page)
  const before = await page.evaluate(() => document.querySelector('.react-flow__viewport').style.transform)
  await page.mouse.move(x, y)
  const end = Date.now() + LONG_MS
  for (let turn = 0; Date.now() < end; turn += 1) {
    const way = turn % 120 < 60 ? 1 : -1
    await page.mouse.wheel(way * 60, way * 20)
    await pause(MOUSE_MS)
    if (turn === 30) {
      const now = await page.evaluate(() => document.querySelector('.react-flow__viewport').style.transform)
      if (now === before) throw new Error('The drawing did not move.')
    }
  }
}
