// Links in messages: what can be opened, and what must never become a link.
import { expect, it } from 'vitest'
import { linkParts } from './links'

it.each([
  ['See https://a.example/x. Bye', ['https://a.example/x']],
  ['(https://a.example/w_(b)), http://b.example', ['https://a.example/w_(b)', 'http://b.example/']],
  ['javascript:alert(1) www.a.example', []],
])('in %s', (text, urls) => {
  expect(linkParts(text).flatMap((part) => part.url ?? [])).toEqual(urls)
  expect(
    linkParts(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text)
})
