// Every kind of message says something that a person at the counter understands, and nothing in it becomes markup.
import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { Content } from '@/api/types'
import { show } from '@/testing'
import { ContentView } from './ContentView'

const media = { mime: 'image/jpeg', filename: 'crack.jpg', stored: 'abc', size_bytes: 240_000 }

// Only what each kind needs; the contract writes every field.
const content = (value: object) => value as Content

it.each<[string, object, RegExp]>([
  ['text', { kind: 'text', text: '<b>Hi</b> see https://a.example' }, /<b>Hi<\/b> see https:\/\/a\.example/],
  ['voice', { kind: 'audio', media, voice: true }, /crack\.jpg/],
  ['voice without a file', { kind: 'audio', media: { mime: 'audio/ogg' }, voice: true }, /Voice message.*not stored/],
  ['a file', { kind: 'document', media, caption: 'my invoice' }, /crack\.jpg.*my invoice/],
  ['a place', { kind: 'location', latitude: -29.8, longitude: 31, name: 'Home' }, /Home.*Open the map/],
  ['a contact', { kind: 'contacts', contacts: [{ name: 'Sipho', phones: ['+27 60'] }] }, /Sipho.*\+27 60/],
  ['a choice', { kind: 'picked', id: 'x', title: 'Prices' }, /Chose.*Prices/],
  [
    'an order',
    { kind: 'order', items: [{ product_id: 'Case', quantity: 2, price_minor: 1_500, currency: 'USD' }] },
    /2 × Case.*\$30\.00.*Together \$30\.00/,
  ],
  ['a form', { kind: 'form', name: 'Repair', values: { device_name: 'A15', urgent: true } }, /device name.*A15.*true/],
  ['what it cannot show', { kind: 'unsupported', what: 'poll' }, /cannot show \(poll\)/],
  ['what it never heard of', { kind: 'hologram' }, /cannot show/],
])('%s', (_, sent, words) => {
  const { container } = show(<ContentView content={content(sent)} />)
  expect(container.textContent?.replace(/\s+/g, ' ')).toMatch(words)
  expect(container.querySelector('b')).toBeNull()
})

it('a picture is shown from our own copy, with its words for those who cannot see it', () => {
  show(<ContentView content={content({ kind: 'image', media, caption: 'broken glass' })} />)
  expect(screen.getByAltText('broken glass').getAttribute('src')).toBe('/api/media/abc')
})

it('an address that is no web address is never opened', () => {
  const { container } = show(
    <ContentView
      content={content({ kind: 'document', media: { mime: 'x', url: 'javascript:alert(1)', filename: 'f' } })}
    />,
  )
  expect(container.querySelector('a')).toBeNull()
})
