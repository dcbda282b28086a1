// The business's colour, made readable: words on it, and it on the page, by day and by night.

type Rgb = [number, number, number]

export function parseHex(text: string | null): Rgb | null {
  const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec((text ?? '').trim())?.[1]
  if (!digits) return null
  const n = Number.parseInt(digits.length === 3 ? digits.replace(/./g, '$&$&') : digits, 16)
  return [n >> 16, (n >> 8) & 255, n & 255]
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05]
  return x > y ? x / y : y / x
}

const css = (rgb: Rgb) => `rgb(${rgb.map(Math.round).join(',')})`
const mix = (a: Rgb, b: Rgb, share: number) => a.map((c, i) => c + ((b[i] ?? 0) - c) * share) as Rgb
const WHITE: Rgb = [255, 255, 255]
const INK: Rgb = [23, 33, 29]

/** Moves `color` towards `to` until it can be read on `paper` (4.5 to 1). */
function readable(color: Rgb, paper: Rgb, to: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const tried = mix(color, to, share)
    if (contrast(tried, paper) >= 4.5) return tried
  }
  return to
}

/** `fill` with `on` written on it, `line` as ink for links; null keeps our own green. */
export function shades(accent: string | null, dark: boolean) {
  const color = parseHex(accent) ?? (dark ? [79, 191, 152] : [11, 122, 92])
  const on = contrast(color, WHITE) >= 4.5 ? WHITE : contrast(color, INK) >= contrast(color, WHITE) ? INK : WHITE
  const line = dark ? readable(color, [28, 34, 31], WHITE) : readable(color, WHITE, INK)
  return { fill: css(color), on: css(on), line: css(line) }
}
