// What a message of the simulated talk says, and what can be tapped in it.
import type { Content, Media } from '@/api/types'
import type { Action, Line } from '../types'

export type Option = { id: string; title: string; description?: string | null }

/** The buttons or rows under a message. */
export function optionsOf(content: Content | null | undefined): Option[] {
  if (content?.kind === 'buttons') return content.buttons
  if (content?.kind === 'list') return content.sections.flatMap((section) => section.rows)
  return []
}

/** The words of a message; empty when it has none. */
export function wordsOf(line: Pick<Line, 'content' | 'text'>): string {
  const { content } = line
  if (!content) return line.text ?? ''
  switch (content.kind) {
    case 'text':
    case 'buttons':
    case 'list':
    case 'link':
    case 'location_request':
      return content.text
    case 'picked':
      return content.title
    case 'image':
    case 'video':
    case 'document':
      return content.caption ?? ''
    case 'location':
      return [content.name, content.address].filter(Boolean).join(', ')
    case 'contacts':
      return content.contacts.map((card) => card.name).join(', ')
    case 'template':
      return content.parameters.map((parameter) => parameter.text).join('\n')
    case 'reaction':
      return content.emoji ?? ''
    default:
      return line.text ?? ''
  }
}

export function mediaOf(content: Content | null | undefined): Media | null {
  return content && 'media' in content ? content.media : null
}

/** Where a file can be seen; null for one that is only pretended. */
export function addressOf(media: Media): string | null {
  if (media.stored) return `/api/media/${media.stored}`
  return /^https?:/.test(media.url ?? '') ? (media.url ?? null) : null
}

/** Only the newest message of the bot can be tapped, as on a phone nobody scrolls up to old buttons. */
export function tappable(lines: Line[]): Line | null {
  const last = lines.findLast((line) => line.who !== 'note')
  return last?.who === 'bot' && optionsOf(last.content).length > 0 ? last : null
}

/** Deeds that no message shows; the talk tells them in a line of its own. */
export type Deed = Exclude<Action, { do: 'say' | 'pick' | 'send_file' | 'send_location' | 'outcome' }>

const TOLD = ['pass', 'until_next', 'trigger', 'person', 'set', 'fail', 'edit', 'delete']
const isDeed = (action: Action): action is Deed => TOLD.includes(action.do)

export type Entry = { key: string; at: number } & (
  | { line: Line }
  | { deed: Deed; action: number; said?: string }
  | { gap: number }
)

/** From this long on, the talk says how much time went by. */
const GAP_MS = 10 * 60_000

/** What the program itself tells of a deed, such as that nothing came of it; then nobody else needs to tell it. */
function saidOf(deed: Deed, line: Line | undefined, alone: boolean): string | undefined {
  if (line?.who !== 'note' || !line.text) return undefined
  const own =
    deed.do === 'edit' || deed.do === 'delete'
      ? !line.step
      : deed.do === 'trigger'
        ? !line.step || line.step === deed.step
        : (deed.do === 'until_next' || deed.do === 'set') && !line.step && alone
  return own ? line.text : undefined
}

/** The talk as it is read: lines, the deeds between them, and the time that passed. */
export function entriesOf(lines: Line[], actions: Action[], now: number): Entry[] {
  const entries: Entry[] = []
  const hidden = new Set<Line>()
  let told = 0
  let before: number | null = null
  // Whether a deed has already told that time went by.
  let passed = false
  const tell = (until: number, at: number) => {
    for (; told < until; told++) {
      const action = actions[told]
      if (!action || !isDeed(action)) continue
      const own = lines.filter((line) => line.action === told)
      const said = saidOf(action, own[0], own.length === 1)
      if (said !== undefined && own[0]) hidden.add(own[0])
      entries.push({ key: `d${told}`, at, deed: action, action: told, ...(said !== undefined ? { said } : {}) })
      passed ||= action.do === 'pass' || action.do === 'until_next'
    }
  }
  lines.forEach((line, i) => {
    tell(Math.min(line.action + 1, actions.length), line.at)
    if (!passed && before !== null && line.at - before >= GAP_MS)
      entries.push({ key: `g${i}`, at: line.at, gap: line.at - before })
    if (!hidden.has(line)) entries.push({ key: `l${i}`, at: line.at, line })
    before = line.at
    passed = false
  })
  tell(actions.length, now)
  return entries
}
