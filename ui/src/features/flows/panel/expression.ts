// Texts with {{ expressions }}: where they stand, what may be completed at the caret, and what a completion makes of them.

export type Part = { text: string; from: number; is: 'plain' | 'expression' }

/** The text cut into what is said as it stands and what is filled in. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  const push = (to: number, is: Part['is']) => {
    if (to > at) parts.push({ text: text.slice(at, to), from: at, is })
    at = to
  }
  for (const match of text.matchAll(/\{\{[^{}]*\}\}|\{%[^{}]*%\}/g)) {
    push(match.index, 'plain')
    push(match.index + match[0].length, 'expression')
  }
  push(text.length, 'plain')
  return parts
}

export type Segment = { key: string; text: string; expression: boolean; wrong: boolean }

/** The parts again, with what is wrong marked in them. `wrong` counts UTF-16 units. */
export function segmentsOf(text: string, wrong: readonly { from: number; to: number }[]): Segment[] {
  return partsOf(text).flatMap((part) => {
    const end = part.from + part.text.length
    const cuts = new Set([part.from, end])
    for (const range of wrong) for (const at of [range.from, range.to]) if (at > part.from && at < end) cuts.add(at)
    const sorted = [...cuts].sort((a, b) => a - b)
    return sorted.slice(1).map((to, i): Segment => {
      const from = sorted[i] ?? 0
      return {
        key: `${from}-${to}`,
        text: text.slice(from, to),
        expression: part.is === 'expression',
        wrong: wrong.some((range) => from >= range.from && to <= range.to),
      }
    })
  })
}

/** The program counts characters, the browser counts UTF-16 units. */
export function unitsOf(text: string, range: { from: number; to: number }): { from: number; to: number } {
  const letters = [...text]
  const units = (count: number) => letters.slice(0, count).join('').length
  return { from: units(range.from), to: units(range.to) }
}

export const hasExpression = (text: string) => /\{\{|\{%/.test(text)

/** What stands at the caret and could be completed: a name or a filter, and which letters of it are there. */
export type Completion = { what: 'name' | 'filter'; from: number; to: number; word: string }

export function completionAt(text: string, caret: number): Completion | null {
  const open = text.lastIndexOf('{{', caret - 1)
  if (open < 0 || caret < open + 2) return null
  const inside = text.slice(open + 2, caret)
  if (inside.includes('}}') || inside.includes('\n')) return null
  // Within quotation marks people write their own words.
  if ((inside.match(/["']/g) ?? []).length % 2 === 1) return null
  const word = /[\p{L}\p{N}_.]*$/u.exec(inside)?.[0] ?? ''
  const before = inside.slice(0, inside.length - word.length).trimEnd()
  const to = caret + (/^[\p{L}\p{N}_.]*/u.exec(text.slice(caret))?.[0].length ?? 0)
  const what = before.endsWith('|') ? 'filter' : 'name'
  if (what === 'name' && before !== '' && !/[-+*/%~(,[]$|\b(not|and|or|in|if|else|is)$|[=<>]$/.test(before)) return null
  return { what, from: caret - word.length, to, word }
}

/** The text with the completion done, and where the caret goes. */
export function complete(text: string, at: Completion, chosen: string): { text: string; caret: number } {
  const open = text.lastIndexOf('{{', at.from)
  const inExpression = open >= 0 && !text.slice(open, at.from).includes('}}')
  if (!inExpression) {
    const put = `{{ ${chosen} }}`
    return { text: text.slice(0, at.from) + put + text.slice(at.to), caret: at.from + put.length }
  }
  let head = text.slice(0, at.from)
  let tail = text.slice(at.to)
  if (head.endsWith('{{') || head.endsWith('|')) head += ' '
  const close = tail.indexOf('}}')
  const nextOpen = tail.indexOf('{{')
  const closed = close >= 0 && (nextOpen < 0 || close < nextOpen)
  if (!closed) tail = ` }}${tail}`
  else if (!/^\s/.test(tail)) tail = ` ${tail}`
  const caret = head.length + chosen.length
  // Behind a finished expression one goes on writing; inside of a longer one, behind the word.
  const behind = /^\s*\}\}/.exec(tail)?.[0].length ?? 0
  return { text: head + chosen + tail, caret: caret + behind }
}

/** Where a new expression would be put: at the caret, or in place of what is marked. */
export const insertionAt = (from: number, to: number): Completion => ({ what: 'name', from, to, word: '' })

/** Filters as the program has them: what is written, and an example whose words are in `flowsteps:filter.<name>`. */
export const FILTERS: readonly { name: string; write: string; of: readonly string[] }[] = [
  { name: 'default', write: 'default("…")', of: [] },
  { name: 'upper', write: 'upper', of: ['text'] },
  { name: 'lower', write: 'lower', of: ['text'] },
  { name: 'title', write: 'title', of: ['text'] },
  { name: 'capitalize', write: 'capitalize', of: ['text'] },
  { name: 'trim', write: 'trim', of: ['text'] },
  { name: 'money', write: 'money("EUR")', of: ['number'] },
  { name: 'round', write: 'round(2)', of: ['number'] },
  { name: 'int', write: 'int', of: ['number', 'text'] },
  { name: 'float', write: 'float', of: ['number', 'text'] },
  { name: 'abs', write: 'abs', of: ['number'] },
  { name: 'times', write: 'times(2)', of: ['number'] },
  { name: 'date', write: 'date("%d.%m.%Y")', of: ['date', 'time', 'number'] },
  { name: 'phone', write: 'phone', of: ['text'] },
  { name: 'join', write: 'join(", ")', of: ['list'] },
  { name: 'first', write: 'first', of: ['list'] },
  { name: 'last', write: 'last', of: ['list'] },
  { name: 'length', write: 'length', of: ['list', 'text'] },
  { name: 'urlencode', write: 'urlencode', of: ['text'] },
  { name: 'tojson', write: 'tojson', of: [] },
]
