// A person without a mouse: walks with Tab, and sees where they are.
import assert from 'node:assert/strict'

const FURTHEST = 60

/** What has the focus, and whether that can be seen. */
function focused(page) {
  return page.evaluate(() => {
    let here = document.activeElement
    while (here?.shadowRoot?.activeElement) here = here.shadowRoot.activeElement
    if (!here || here === document.body) return { words: '', tag: '', seen: true }
    const label = here.labels?.[0]?.textContent ?? ''
    const words = here.getAttribute('aria-label') ?? (label || here.textContent || '')
    const rings = (element) => {
      if (!element) return false
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== 'none'
    }
    // Some wear the ring on what is drawn around or over them.
    const after = getComputedStyle(here, '::after')
    const seen =
      rings(here) || rings(here.parentElement) || rings(here.closest('form')) || after.outlineStyle !== 'none'
    return { words: words.trim().replace(/\s+/g, ' '), tag: here.tagName, seen }
  })
}

/** Presses Tab until what is called so has the focus; `field` when it is to be written in. */
export async function tabTo(page, name, { field = false } = {}) {
  const met = []
  for (let step = 0; step < FURTHEST; step += 1) {
    const { words, tag, seen } = await focused(page)
    const meant = name instanceof RegExp ? name.test(words) : words === name
    if (meant && (!field || ['INPUT', 'TEXTAREA'].includes(tag))) {
      assert.ok(seen, `it cannot be seen that “${words}” has the focus`)
      return
    }
    met.push(`${tag} ${words.slice(0, 40)}`)
    await page.keyboard.press('Tab')
  }
  assert.fail(`“${name}” is not reached with Tab. On the way: ${met.join(', ')}`)
}
