// Finds the sentences to mark in a text, forgiving differences in white space.

export type Part = { text: string; marked: boolean }

function loose(sentence: string): RegExp | null {
  const words = sentence.trim().split(/\s+/).filter(Boolean)
  if (words.length === 0) return null
  return new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s+'), 'gi')
}

/** Splits `text` so that every part of it that is one of `marks` says so. */
export function markParts(text: string, marks: string[]): Part[] {
  const spans: [number, number][] = []
  for (const mark of marks) {
    const pattern = loose(mark)
    if (!pattern) continue
    for (const match of text.matchAll(pattern)) spans.push([match.index, match.index + match[0].length])
  }
  if (spans.length === 0) return [{ text, marked: false }]
  spans.sort((a, b) => a[0] - b[0])
  const parts: Part[] = []
  let at = 0
  for (const [from, to] of spans) {
    const start = Math.max(from, at)
    if (to <= start) continue
    if (start > at) parts.push({ text: text.slice(at, start), marked: false })
    parts.push({ text: text.slice(start, to), marked: true })
    at = to
  }
  if (at < text.length) parts.push({ text: text.slice(at), marked: false })
  return parts
}

/** Whether `cell` stands in `mark` as words of its own. */
function holds(mark: string, cell: string): boolean {
  const pattern = loose(cell)
  if (!pattern) return false
  return [...mark.matchAll(pattern)].some((match) => {
    const before = mark.at(match.index - 1) ?? ''
    const after = mark.charAt(match.index + match[0].length)
    const edge = (letter: string) => !/[\p{L}\p{N}]/u.test(letter)
    return (match.index === 0 || edge(before)) && edge(after)
  })
}

/**
 * Which cells of a table's row a mark speaks of. A row is quoted as a sentence ("Wynberg — Fee: R 88"), which stands in
 * no cell as it is: the row is meant when its first words and at least one more cell are in it.
 */
export function markedCells(row: string[], marks: string[]): boolean[] {
  for (const mark of marks) {
    const held = row.map((cell) => holds(mark, cell))
    const first = row.findIndex((cell) => cell.trim() !== '')
    if (held[first] && held.filter(Boolean).length > 1) return held
  }
  return row.map(() => false)
}
