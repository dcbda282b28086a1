// Whatever colour a business brings, words stay readable, by day and by night.
import { describe, expect, it } from 'vitest'
import { contrast, parseHex, type Rgb } from '@/lib/color'
import { ACCENT, accents, INK, PAPER } from './theme'

const rgb = (hex: string): Rgb => parseHex(hex) ?? [0, 0, 0]

describe('accent', () => {
  it.each([null, '#ffe600', '#000000', '#ffffff', '#ff5a5f', '#1f5fa8', 'nonsense'])('%s', (wish) => {
    const tones = accents(wish)
    expect(contrast(rgb(tones.light), rgb(PAPER))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(rgb(tones.onLight), rgb(tones.light))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(rgb(tones.dark), [28, 33, 31])).toBeGreaterThanOrEqual(4.5)
    expect(contrast(rgb(tones.onDark), rgb(tones.dark))).toBeGreaterThanOrEqual(4.5)
  })
  it('is the house green as it was drawn', () => {
    expect(accents(null).light).toBe(ACCENT)
    expect(accents(null).adjusted).toBe(false)
    expect(contrast(rgb(INK), rgb(PAPER))).toBeGreaterThan(15)
  })
})
