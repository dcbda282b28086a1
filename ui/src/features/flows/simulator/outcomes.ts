// What something outside may give back, played by the owner instead of it.
import type { Action } from '../types'
import { fromWords } from './values'

export type Gives = 'answer' | 'text' | 'response' | 'class' | 'value' | 'decision'

const GIVES: Record<string, Gives> = {
  answer: 'answer',
  generate: 'text',
  agent: 'text',
  http: 'response',
  webhook_out: 'response',
  classify: 'class',
  approve: 'decision',
}

/** In which form the owner plays it: everything else gives one value. */
export const givesOf = (effect: string): Gives => GIVES[effect] ?? 'value'

/** `words` that can be read as data are data, else they are text. */
export function bodyOf(words: string): unknown {
  const body = fromWords(words, 'data')
  return body === undefined ? words : body
}

/** The outcome as the program records it. */
export function outcomeOf(gives: Gives, words: string, status = 200): unknown {
  switch (gives) {
    case 'answer':
      return words.trim() ? { outcome: 'answered', text: words, detail: {} } : { outcome: 'unknown', detail: {} }
    case 'text':
      return { outcome: 'generated', text: words }
    case 'response':
      return { outcome: 'response', status, body: bodyOf(words) }
    case 'class':
      return { outcome: 'classified', label: words || null, confidence: words ? 1 : 0 }
    case 'decision':
      return { outcome: 'decided', yes: words === 'true' }
    default:
      return { outcome: 'value', value: bodyOf(words) }
  }
}

export type How = Extract<Action, { do: 'fail' }>['how']
export const FAILURES: How[] = ['http_500', 'timeout', 'model', 'channel']

/** How that which waits can go wrong. */
export function failuresOf(effect: string): How[] {
  const gives = givesOf(effect)
  if (gives === 'response') return ['http_500', 'timeout']
  if (gives === 'answer' || gives === 'text' || gives === 'class') return ['model', 'timeout']
  return gives === 'decision' ? ['timeout'] : ['http_500', 'timeout']
}
