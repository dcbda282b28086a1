// Typed texts: what an owner writes is what is stored, and comes back to be edited.
import { expect, it } from 'vitest'
import { toHtml, toText } from './simpleText'

const typed = '# Delivery\n\nWe deliver in Durban.\nR 60 each.\n\n- Monday\n- Friday\n\n## Returns\n\nWithin 7 days.'

it('headings, lists, paragraphs and line breaks become HTML', () => {
  expect(toHtml(typed)).toBe(
    '<h2>Delivery</h2>\n<p>We deliver in Durban.<br>R 60 each.</p>\n<ul><li>Monday</li><li>Friday</li></ul>\n<h3>Returns</h3>\n<p>Within 7 days.</p>',
  )
})
it('comes back as it was typed', () => {
  expect(toText(toHtml(typed))).toBe(typed)
})
it('signs of HTML in the text stay text', () => {
  expect(toHtml('<b>5 & 6</b>')).toBe('<p>&lt;b&gt;5 &amp; 6&lt;/b&gt;</p>')
  expect(toText(toHtml('<script>x</script> 1 < 2'))).toBe('<script>x</script> 1 < 2')
})
it('HTML from elsewhere keeps its words', () => {
  expect(
    toText('<div><h1>A</h1><table><tr><td>x</td><td>y</td></tr></table><script>no</script><p>b <b>c</b></p></div>'),
  ).toBe('# A\n\nx y\n\nb c')
})
