// A reseller's product: the same program under another name, and nowhere a word of ours but on the page of licences.
import assert from 'node:assert/strict'
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { glance, openPage } from './support/browser.mjs'
import { openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'

const SAMPLE = new URL('../../installers/', import.meta.url)
const OURS = /botflow/i
/** Every place of the interface that needs no id. */
const PLACES = [
  '/',
  '/start',
  '/inbox',
  '/knowledge',
  '/knowledge/gaps',
  '/knowledge/answers',
  '/bots',
  '/settings',
  '/settings/business',
  '/settings/channels',
  '/settings/answers',
  '/settings/address',
  '/settings/services',
  '/settings/look',
  '/settings/computer',
  '/settings/about',
]
/** What an address that leads nowhere shows; also looked at, so that it is known to be told apart. */
const NOWHERE = '/nothing-is-here'
const NOT_HERE = 'This page is not here'

/** The program under another name, with the brand where a package puts it. */
function brandedProgram(t) {
  const place = mkdtempSync(join(tmpdir(), 'helpdesk-'))
  t.after(() => rmSync(place, { recursive: true, force: true }))
  const share = join(place, 'share', 'helpdesk')
  for (const folder of [join(place, 'bin'), share]) mkdirSync(folder, { recursive: true })
  const program = join(place, 'bin', 'helpdesk')
  try {
    linkSync(process.env.BOTFLOW_PROGRAM, program)
  } catch {
    // On another disk.
    copyFileSync(process.env.BOTFLOW_PROGRAM, program)
  }
  const brand = JSON.parse(readFileSync(new URL('brand.example.json', SAMPLE), 'utf8'))
  for (const [field, name] of [
    ['logo', 'logo.svg'],
    ['icon', 'icon.svg'],
  ]) {
    copyFileSync(new URL(brand[field], SAMPLE), join(share, name))
  }
  writeFileSync(join(share, 'brand.json'), JSON.stringify({ ...brand, logo: 'logo.svg' }))
  return { file: program, brand }
}

/** What can be read or heard on the page, and its title; the web chat is in a tree of its own. */
function everyWord(page) {
  return page.evaluate(() => {
    const words = [document.title, document.body.innerText]
    const walk = (root) => {
      for (const element of root.querySelectorAll('*')) {
        for (const name of ['aria-label', 'title', 'alt', 'placeholder', 'aria-description']) {
          words.push(element.getAttribute(name) ?? '')
        }
        if (element.shadowRoot) {
          for (const child of element.shadowRoot.children) {
            if (child.tagName !== 'STYLE') words.push(child.innerText ?? '')
          }
          walk(element.shadowRoot)
        }
      }
    }
    walk(document)
    return words.join('\n')
  })
}

test('a branded program names itself alone', async (t) => {
  const { file, brand } = brandedProgram(t)
  const program = await startProgram(t, {}, file)
  const shown = await (await fetch(`${program.admin}/api/brand`)).json()
  assert.equal(shown.product_name, brand.product_name)
  assert.equal(shown.support.email, brand.support.email)
  const icon = await (await fetch(`${program.admin}/mark.svg`)).text()
  assert.equal(icon, readFileSync(new URL(brand.icon, SAMPLE), 'utf8'), 'the tab wears the brand’s icon')

  const page = await openPage(t)
  const own = async (where) => {
    const words = await everyWord(page)
    const line = words.split('\n').find((text) => OURS.test(text))
    assert.equal(line, undefined, `${where} names us`)
    return words
  }
  await page.goto(program.admin)
  await page.getByRole('heading', { name: "Let's open the shop" }).waitFor()
  const door = await own('the first page')
  assert.ok(door.includes(brand.product_name) && door.includes(brand.start_text), 'the first page is the brand’s')
  await glance(page, 'branded-door')

  const owner = await openShop(program)
  await owner.post('/sample', {})
  await page.context().addCookies(owner.cookies())
  for (const place of [...PLACES, NOWHERE]) {
    await page.goto(`${program.admin}${place}`)
    await page.getByRole('main').first().waitFor()
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .mantine-Skeleton-root'))
    const words = await own(place)
    assert.ok(words.length > 40, `${place} shows something`)
    assert.equal(words.includes(NOT_HERE), place === NOWHERE, `${place} is a place of the interface`)
  }
  await page.goto(`${program.admin}/settings/about`)
  await page.getByText(brand.support.email).waitFor()
  await glance(page, 'branded-about')

  // What the program itself says: refusals, findings, the page of its contract.
  for (const path of ['/api/docs', '/api/nothing', '/health', '/']) {
    const text = await (await fetch(`${program.admin}${path}`)).text()
    const named = text.replaceAll('getBotFlow', '')
    assert.ok(!OURS.test(named), `${path} names us: ${named.slice(0, 400)}`)
  }

  // The chat that customers see.
  const { channel } = await owner.openChat()
  await page.goto(`${program.public}/chat/${channel.id}`)
  const field = page.getByRole('textbox', { name: 'Write a message' })
  await field.fill('What does delivery to Tokai cost?')
  await field.press('Enter')
  await page.getByText('What does delivery to Tokai cost?').waitFor()
  await own('the web chat')
})
