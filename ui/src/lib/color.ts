// Colours of a brand: their shades, and whether words on them can be read (WCAG 2.2 contrast).

export type Rgb = [number, number, number]

/** `#abc` or `#aabbcc`; anything else is null. */
export function parseHex(text: string): Rgb | null {
  const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())
  if (!match?.[1]) return null
  const digits = match[1].length === 3 ? [...match[1]].map((d) => d + d).join('') : match[1]
  const n = Number.parseInt(digits, 16)
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255]
}

export function toHex(rgb: Rgb): string {
  return `#${rgb
    .map((c) =>
      Math.round(Math.min(255, Math.max(0, c)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}

/** `share` 0 gives `a`, 1 gives `b`. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((c) => {
    const s = c / 255
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4
  }) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** From 1 (the same) to 21 (black on white). */
export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

const WHITE: Rgb = [255, 255, 255]
const BLACK: Rgb = [0, 0, 0]

/** The nearest colour on the way to black or white that can be read on `ground`. */
export function readableOn(color: Rgb, ground: Rgb, wanted = 4.5): Rgb {
  const towards = luminance(ground) > 0.4 ? BLACK : WHITE
  for (let share = 0; share <= 1; share += 0.02) {
    const candidate = mix(color, towards, share)
    if (contrast(candidate, ground) >= wanted) return candidate
  }
  return towards
}

/** Ten shades, light to dark, with the colour itself at index 6. */
export function shades(color: Rgb): string[] {
  const lighter = [0.93, 0.84, 0.68, 0.5, 0.32, 0.14].map((share) => mix(color, WHITE, share))
  const darker = [0.14, 0.28, 0.42].map((share) => mix(color, BLACK, share))
  return [...lighter, color, ...darker].map(toHex)
}
