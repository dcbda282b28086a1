// The rules in lib: what people would see wrong if they failed.
import { describe, expect, it, vi } from 'vitest'
import { contrast, parseHex, readableOn, shades, toHex } from './color'
import { hostedPage, isLocal } from './embed'
import { makeFormat } from './format'
import { newId } from './id'
import { markedCells, markParts } from './marks'
import { badOrigin, splitOrigins } from './origins'
import { countries, including, timezones } from './places'
import { handle, nameOf } from './shortcuts'
import { strengthOf } from './strength'

describe('colours', () => {
  it.each([
    ['#fff', [255, 255, 255]],
    ['0b7a5c', [11, 122, 92]],
    [' #B04D14 ', [176, 77, 20]],
  ])('reads %s', (text, rgb) => expect(parseHex(text)).toEqual(rgb))
  it.each(['', '#12', 'green', '#12345g', '#1234567'])('refuses %s', (text) => expect(parseHex(text)).toBeNull())
  it('knows the contrast of black on white', () => {
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21)
    expect(contrast([9, 9, 9], [9, 9, 9])).toBe(1)
  })
  it.each(['#ffee00', '#ffffff', '#7fd', '#0b7a5c', '#000'])('makes any brand colour readable: %s', (hex) => {
    for (const ground of [
      [251, 250, 247],
      [20, 24, 22],
    ] as [number, number, number][]) {
      const made = readableOn(parseHex(hex) ?? [0, 0, 0], ground)
      expect(contrast(made, ground)).toBeGreaterThanOrEqual(4.5)
    }
  })
  it('leaves a readable colour alone', () => expect(toHex(readableOn([11, 122, 92], [251, 250, 247]))).toBe('#0b7a5c'))
  it('keeps the colour itself among its ten shades', () => {
    const list = shades([11, 122, 92])
    expect(list).toHaveLength(10)
    expect(list[6]).toBe('#0b7a5c')
  })
})

describe('numbers and dates as the country writes them', () => {
  const za = makeFormat({ language: 'en', country: 'ZA', timezone: 'Africa/Johannesburg', currency: 'ZAR' })
  const de = makeFormat({ language: 'de', country: 'DE', timezone: 'Europe/Berlin', currency: 'EUR' })
  const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
  const noon = Date.UTC(2026, 10, 21, 12, 0)

  it('writes money with its currency and its cents', () => {
    expect(plain(de.money(145_000))).toBe('1.450,00 €')
    expect(plain(za.money(145_000))).toMatch(/^R 1 450[.,]00$/)
    expect(plain(de.money(1_450, 'JPY'))).toMatch(/^1\.450 ¥$/)
  })
  it('survives settings that no computer knows', () => {
    const odd = makeFormat({ language: 'x-nope!', country: '??', timezone: 'Mars/Base', currency: '???' })
    expect(odd.money(100)).toBe('1')
    expect(odd.stamp(noon, noon)).toBeTruthy()
  })
  it('shows the clock today, then the day, then the date', () => {
    expect(de.stamp(noon, noon + 60_000)).toBe('13:00')
    expect(de.stamp(noon, noon + 86_400_000)).toBe('gestern')
    expect(de.stamp(noon, noon + 3 * 86_400_000)).toBe('Samstag')
    expect(plain(de.stamp(noon, noon + 20 * 86_400_000))).toMatch(/^21\. Nov/)
  })
  it.each([
    [10_000, 'now'],
    [5 * 60_000, '5 minutes ago'],
    [3 * 3_600_000, '3 hours ago'],
    [2 * 86_400_000, '2 days ago'],
  ])('says how long ago %d ms are', (ms, words) => expect(za.ago(noon - ms, noon)).toBe(words))
  it.each([
    [12, '12 byte'],
    [184_320, '184 kB'],
    [4_800_000, '4,8 MB'],
    [48_200_000_000, '48 GB'],
  ])('writes %d bytes for people', (size, words) =>
    expect(plain(za.bytes(size)).replace('4.8', '4,8')).toContain(words),
  )
  it('never says that something took no time', () => expect(za.duration(0)).toMatch(/0[.,]1/))
})

describe('marking the sentence an answer used', () => {
  it('finds it across line breaks and marks nothing else', () => {
    const parts = markParts('All prices. Screen A15:\n R 1,450. Thanks.', ['Screen A15: R 1,450.'])
    expect(parts.filter((part) => part.marked).map((part) => part.text)).toEqual(['Screen A15:\n R 1,450.'])
    expect(parts.map((part) => part.text).join('')).toBe('All prices. Screen A15:\n R 1,450. Thanks.')
  })
  it('takes signs of regular expressions as they stand', () => {
    expect(markParts('Cost (VAT+) [R]?', ['(VAT+) [R]?']).some((part) => part.marked)).toBe(true)
  })
  it('joins overlaps without losing or doubling letters', () => {
    const text = 'one two three four'
    expect(
      markParts(text, ['one two', 'two three', ''])
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
  })
  it.each([
    [['Wynberg', 'R 88', 'Mon'], 'Areas: Wynberg — Fee: R 88; Days: Mon', [true, true, true]],
    [['Wynberg', 'R 88', 'Tue'], 'Areas: Wynberg — Fee: R 88; Days: Mon', [true, true, false]],
    [['Wynberg', 'R 8', ''], 'Wynberg — Fee: R 88', [false, false, false]],
    [['Tokai', 'R 88', 'Mon'], 'Wynberg — Fee: R 88; Days: Mon', [false, false, false]],
    [['', '', ''], 'Wynberg', [false, false, false]],
  ])('a row that is quoted as a sentence: %j', (row, mark, cells) => expect(markedCells(row, [mark])).toEqual(cells))
})

describe('passwords', () => {
  it.each([
    ['short', 'short'],
    ['password123', 'weak'],
    ['lampwalk', 'weak'],
    ['aaaaaaaaaaaa', 'weak'],
    ['ayesha-2026!', 'weak'],
    ['lampwalkgr', 'fair'],
    ['green lamp walks', 'good'],
    ['Kx7!pQ2m#vRt', 'good'],
  ])('%s is %s', (password, strength) => expect(strengthOf(password, ['Ayesha Khan'])).toBe(strength))
})

describe('origins of websites', () => {
  it('reads what people paste', () =>
    expect(splitOrigins(' https://a.example/ \n\nhttps://b.example,http://localhost:3000')).toEqual([
      'https://a.example',
      'https://b.example',
      'http://localhost:3000',
    ]))
  it.each([
    ['https://a.example', null],
    ['https://*.a.example', null],
    ['a.example', 'a.example'],
    ['https://a.example/page', 'https://a.example/page'],
  ])('%s', (origin, bad) => expect(badOrigin([origin])).toBe(bad))
})

describe('lists of places', () => {
  it('name countries in the reader’s language', () =>
    expect(countries('de')).toContainEqual({ value: 'ZA', label: 'Südafrika' }))
  it('show a city before its continent', () =>
    expect(timezones()).toContainEqual({ value: 'Africa/Johannesburg', label: 'Johannesburg (Africa)' }))
  it('keep a choice that this browser does not know', () =>
    expect(including([], 'XX')).toEqual([{ value: 'XX', label: 'XX' }]))
})

describe('keys', () => {
  it('are named the same on every keyboard', () => {
    expect(nameOf(new KeyboardEvent('keydown', { key: 'K', ctrlKey: true }))).toBe('mod+k')
    expect(nameOf(new KeyboardEvent('keydown', { key: 'ArrowDown' }))).toBe('ArrowDown')
  })
  it('leave those alone that nobody registered', () => {
    const event = new KeyboardEvent('keydown', { key: 'z', cancelable: true })
    handle(event)
    expect(event.defaultPrevented).toBe(false)
  })
})

describe('ids', () => {
  it('are made without a secure context', () => {
    vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes.fill(255) })
    expect(newId()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff')
    vi.unstubAllGlobals()
  })
})

describe('the line for a website', () => {
  it('leads to the page of the chat', () => {
    const code = '<script src="https://shop.example/chat/7/widget.js" async></script>'
    expect(hostedPage(code)).toBe('https://shop.example/chat/7')
    expect(hostedPage('<div></div>')).toBeNull()
    expect(hostedPage('<script src="/chat/7/widget.js">')).toBeNull()
  })
  it.each([
    ['http://127.0.0.1:4880/chat/7', true],
    ['http://192.168.1.4/chat/7', true],
    ['http://172.20.0.1/', true],
    ['http://shop.local/', true],
    ['https://shop.example/chat/7', false],
    ['https://10minutes.example/', false],
    ['nonsense', false],
  ])('knows that %s is only at home: %s', (address, local) => expect(isLocal(address)).toBe(local))
})
