// Conversations that are open while a version goes live: which of them go on in it, and how that is asked of the program.
import type { PublishPreview, PublishRequest } from '../types'

/** Runs without a customer are no conversations: they always end as they began. */
export type Open = PublishPreview['open'][number] & { conversation: string }

export function conversationsOf(preview: PublishPreview): Open[] {
  return preview.open.filter((one): one is Open => one.conversation !== null)
}
export type Choice = 'keep' | 'move'

/** Those that the draft would break stay on the version that they began on; nothing moves unless somebody says so. */
export function choiceOf(open: Open, chosen: Map<string, Choice>): Choice {
  return chosen.get(open.conversation) ?? 'keep'
}

export function chooseAll(open: Open[], which: 'none' | 'safe' | 'all'): Map<string, Choice> {
  return new Map(
    open.map((one) => [one.conversation, which === 'all' || (which === 'safe' && !one.problem) ? 'move' : 'keep']),
  )
}

/** `all` and `safe` also reach conversations that began since the list was made; single choices name themselves. */
export function moveOf(open: Open[], chosen: Map<string, Choice>): Pick<PublishRequest, 'move' | 'moved'> {
  const moving = (which: 'none' | 'safe' | 'all') =>
    open.every((one) => choiceOf(one, chosen) === choiceOf(one, chooseAll(open, which)))
  const moved = open.filter((one) => choiceOf(one, chosen) === 'move').map((one) => one.conversation)
  if (moved.length === 0) return { move: 'none', moved: [] }
  if (moving('safe')) return { move: 'safe', moved: [] }
  if (moving('all')) return { move: 'all', moved: [] }
  return { move: 'none', moved }
}
