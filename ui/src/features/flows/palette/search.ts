// Finding a kind of step by what it is called, what it does, or what people call it elsewhere.
import type { Kind, KindGroup } from '../types'

export const GROUPS: KindGroup[] = ['triggers', 'messages', 'questions', 'ai', 'logic', 'data', 'actions']

/** Other words for a kind; one looks for what one knows. */
const ALSO: Record<string, string> = {
  condition: 'if else branch decide check filter rule',
  switch: 'case branch router',
  split: 'ab test random experiment',
  wait: 'delay pause sleep timer',
  wait_until: 'delay date',
  each: 'loop list iterate',
  repeat: 'loop while',
  http: 'api request webhook rest curl call',
  webhook: 'api trigger catch',
  webhook_out: 'api send zapier make',
  code: 'javascript script function',
  handover: 'human agent person escalate takeover',
  resolve: 'close done',
  answer: 'knowledge faq rag documents ai',
  generate: 'ai gpt llm prompt write',
  classify: 'intent ai topic',
  extract: 'entities ai details',
  set: 'variable assign remember',
  contact_field: 'attribute customer crm save',
  tag: 'label segment',
  comment: 'note sticky',
  call: 'subflow flow reuse',
  jump: 'goto go to',
  end: 'stop finish exit',
  image: 'photo picture media',
  audio: 'voice sound media',
  document: 'file pdf media',
  buttons: 'quick replies menu choices',
  list: 'menu choices options',
  ask_choice: 'menu options buttons',
  book: 'calendar appointment',
  free_slots: 'calendar appointment availability',
  consent: 'opt in opt out subscribe',
  notify: 'alert team slack',
  email: 'mail smtp',
  schedule: 'cron timer daily',
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** Best first: whose name begins so, whose name holds it, whose description does. All of them for no words. */
export function searchKinds(kinds: Kind[], query: string): Kind[] {
  const words = plain(query).split(/\s+/).filter(Boolean)
  if (words.length === 0) return kinds
  const rank = (kind: Kind): number => {
    const title = plain(kind.title)
    const rest = plain(`${kind.title} ${kind.name.replaceAll('_', ' ')} ${ALSO[kind.name] ?? ''} ${kind.help}`)
    if (!words.every((word) => rest.includes(word))) return 0
    if (title.startsWith(words[0] ?? '')) return 3
    return words.every((word) => title.includes(word)) ? 2 : 1
  }
  return kinds
    .map((kind) => ({ kind, rank: rank(kind) }))
    .filter((one) => one.rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map((one) => one.kind)
}

export function grouped(kinds: Kind[]): { group: KindGroup; kinds: Kind[] }[] {
  return GROUPS.map((group) => ({ group, kinds: kinds.filter((kind) => kind.group === group) })).filter(
    (one) => one.kinds.length > 0,
  )
}
