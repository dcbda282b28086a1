// Questions with answers, as pasted from a table or typed one by one.
import type { Pair } from '@/api/types'

export const emptyPair = (): Pair => ({ question: '', answer: '' })

/** Two columns from a spreadsheet (tabs), or lines that begin with "Q:" and "A:". */
export function readPairs(text: string): Pair[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  if (lines.some((line) => line.includes('\t')))
    return lines
      .map((line) => line.split('\t').map((cell) => cell.trim()))
      .filter((cells) => cells[0] && cells[1])
      .map(([question = '', ...rest]) => ({ question, answer: rest.filter(Boolean).join(' ') }))
  const pairs: Pair[] = []
  for (const line of lines) {
    const question = /^\s*(?:Q|Question|Frage|V|P|F)\s*[:.]\s*(.+)$/i.exec(line)?.[1]
    const answer = /^\s*(?:A|Answer|Antwort|R)\s*[:.]\s*(.+)$/i.exec(line)?.[1]
    const last = pairs[pairs.length - 1]
    if (question) pairs.push({ question: question.trim(), answer: '' })
    else if (last && answer) last.answer = answer.trim()
    else if (last?.answer && line.trim()) last.answer += `\n${line.trim()}`
  }
  return pairs.filter((pair) => pair.answer)
}

/** Only whole pairs are kept; the half ones are counted, so that nothing disappears silently. */
export function wholePairs(pairs: Pair[]): { whole: Pair[]; half: number } {
  const trimmed = pairs.map((pair) => ({ question: pair.question.trim(), answer: pair.answer.trim() }))
  const whole = trimmed.filter((pair) => pair.question && pair.answer)
  return { whole, half: trimmed.filter((pair) => (pair.question === '') !== (pair.answer === '')).length }
}
