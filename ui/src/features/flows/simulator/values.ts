// Values of variables as words, and words as values of the kind that was there.

type Words = (key: string, options?: Record<string, unknown>) => string

const LONGEST = 160

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

/** In one line for people: no brackets, no quotes. `t` speaks the namespace `flowtries`. */
export function valueText(value: unknown, t: Words, deep = 0): string {
  if (value === null || value === undefined || value === '') return t('flowtries:value.empty')
  if (typeof value === 'boolean') return t(value ? 'flowtries:value.yes' : 'flowtries:value.no')
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) {
    if (value.length === 0) return t('flowtries:value.none')
    return deep > 1
      ? t('flowtries:value.items', { count: value.length })
      : cut(value.map((v) => valueText(v, t, deep + 1)).join(', '))
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value)
    if (entries.length === 0) return t('flowtries:value.none')
    if (deep > 1) return t('flowtries:value.items', { count: entries.length })
    return cut(entries.map(([name, v]) => `${name.replaceAll('_', ' ')}: ${valueText(v, t, deep + 1)}`).join(', '))
  }
  return String(value)
}

export type Shape = 'text' | 'number' | 'yes_no' | 'data'

export function shapeOf(value: unknown): Shape {
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'yes_no'
  return typeof value === 'object' && value !== null ? 'data' : 'text'
}

/** As it stands in a field for changing it. */
export function toWords(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
}

/** Reads the words as that shape; undefined when they cannot be read so. */
export function fromWords(words: string, shape: Shape): unknown {
  if (shape === 'text') return words
  if (shape === 'yes_no') return words === 'true'
  if (words.trim() === '') return null
  if (shape === 'number') {
    const number = Number(words.trim().replace(',', '.'))
    return Number.isFinite(number) ? number : undefined
  }
  try {
    return JSON.parse(words) as unknown
  } catch {
    return undefined
  }
}
