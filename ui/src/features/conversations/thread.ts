// How messages become a thread: oldest first, by day, with bursts of one author together.
import type { Channel, Content, FallbackTemplate } from '@/api/types'
import type { Message } from './types'

const BURST_MS = 5 * 60_000

export type Item =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'message'; key: string; message: Message; lead: boolean; last: boolean }

const writer = (message: Message) => `${message.author.kind}|${message.author.name}`

/** `newestFirst` as the program sends it; `dayOf` names a day in the business's own time zone. */
export function threadOf(newestFirst: Message[], dayOf: (at: number) => string): Item[] {
  const seen = new Set<string>()
  const list = newestFirst.filter((m) => m.content.kind !== 'reaction' && !seen.has(m.id) && seen.add(m.id)).reverse()
  const items: Item[] = []
  list.forEach((message, i) => {
    const before = list[i - 1]
    const after = list[i + 1]
    const newDay = !before || dayOf(before.at) !== dayOf(message.at)
    if (newDay) items.push({ kind: 'day', key: `day-${message.id}`, at: message.at })
    const together = (a: Message | undefined, b: Message | undefined) =>
      Boolean(a && b && writer(a) === writer(b) && b.at - a.at < BURST_MS && dayOf(a.at) === dayOf(b.at))
    items.push({
      kind: 'message',
      key: message.id,
      message,
      lead: !together(before, message),
      last: !together(message, after),
    })
  })
  return items
}

/** What a person wrote or chose; empty when the message holds no words. */
export function wordsOf(content: Content): string {
  if ('text' in content && content.text) return content.text
  if (content.kind === 'picked') return content.title
  if ('caption' in content && content.caption) return content.caption
  return ''
}

/** The customer's words that a message answers: everything they wrote since somebody last wrote to them. */
export function questionBefore(newestFirst: Message[], id: string): string {
  const at = newestFirst.findIndex((message) => message.id === id)
  const words: string[] = []
  for (const message of newestFirst.slice(at + 1)) {
    if (message.direction === 'out') {
      if (words.length > 0) break
      continue
    }
    const text = wordsOf(message.content).trim()
    if (text) words.unshift(text)
  }
  return words.join(' ').slice(0, 500)
}

/** Providers close the door for free words some time after the customer last wrote. */
export function windowClosed(closesAt: number | null, now: number): boolean {
  return closesAt !== null && closesAt <= now
}

/** The approved message that carries words by hand after that time; none that carries no words or was refused. */
export function templateFor(channel: Pick<Channel, 'whatsapp'>): FallbackTemplate | null {
  const template = channel.whatsapp?.fallback_template
  return template?.with_text && !template.problem ? template : null
}

/** The neighbour in the list, or null at its ends. */
export function neighbour(ids: string[], open: string | undefined, step: 1 | -1): string | null {
  if (ids.length === 0) return null
  const at = open ? ids.indexOf(open) : -1
  if (at < 0) return ids[0] ?? null
  return ids[at + step] ?? null
}
