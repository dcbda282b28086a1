// What each step does, in the owner's words.
import type { TFunction } from 'i18next'
import type { Choice } from '@/api/types'
import type { Format } from '@/lib/format'
import type { Edge, Rule, Step } from './types'

const KINDS = [
  'start',
  'message',
  'question',
  'choices',
  'condition',
  'set',
  'answer',
  'generate',
  'http',
  'wait',
  'handover',
  'end',
]
const BRANCHES = ['yes', 'no', 'timeout', 'failed', 'other', 'answered', 'unknown']

/** `{{contact.name}}` reads as the thing it stands for. */
export function plain(text: string): string {
  return text
    .replace(
      /\{\{\s*([^}]+?)\s*\}\}/g,
      (_, inside: string) => `[${(inside.split('|')[0] ?? '').trim().split('.').pop()?.replaceAll('_', ' ')}]`,
    )
    .trim()
}

/** The words of a step's settings that say most about it. */
export function wordsOfStep(step: Step, t: TFunction<'bots'>, format: Pick<Format, 'duration'>): string {
  const content = step.content
  if (content && 'text' in content && content.text) return `“${plain(content.text)}”`
  if (content) return t('bots:face.messageOther')
  switch (step.kind) {
    case 'question':
    case 'choices': {
      const offered = (step.choices ?? []).map((choice: Choice) => choice.title).join(', ')
      return [step.text ? `“${plain(step.text)}”` : '', offered].filter(Boolean).join(' ')
    }
    case 'handover':
      return step.message ? `“${plain(step.message)}”` : t('bots:face.handover')
    case 'wait':
      return step.duration_ms === undefined
        ? t('bots:face.wait')
        : t('bots:face.waitFor', { time: span(step.duration_ms, t, format) })
    case 'http':
      return host(step.url) ? t('bots:face.httpAt', { host: host(step.url) }) : t('bots:face.http')
    case 'condition': {
      const rules = [
        (step.all ?? []).map((rule) => ruleWords(rule, t)).join(t('bots:rule.and')),
        (step.any ?? []).map((rule) => ruleWords(rule, t)).join(t('bots:rule.or')),
      ]
        .filter(Boolean)
        .join(t('bots:rule.and'))
      return rules ? t('bots:face.conditionIf', { rules }) : t('bots:face.condition')
    }
    case 'set':
      return step.name ? t('bots:face.setName', { name: step.name.replaceAll('_', ' ') }) : t('bots:face.set')
    case 'end':
      return t(step.resolve ? 'bots:face.endResolve' : 'bots:face.end')
    case 'answer':
      return step.sources && step.sources.length > 0
        ? t('bots:face.answerSome', { count: step.sources.length })
        : t('bots:face.answer')
    default:
      return t(KINDS.includes(step.kind) ? `bots:face.${step.kind}` : 'bots:face.unknown')
  }
}

function ruleWords({ left = '', op = '', right = '' }: Rule, t: TFunction<'bots'>): string {
  const what = plain(left).replace(/[[\]]/g, '')
  const said = /\blast\.text\b/.test(left)
  if (op === 'is_greeting') return t('bots:rule.greeting')
  if (op === 'is_thanks') return t('bots:rule.thanks')
  if (op === 'is_empty') return said ? t('bots:rule.wordless') : t('bots:rule.empty', { what })
  if (op === 'is_not_empty') return t('bots:rule.known', { what })
  return t('bots:rule.compare', { what, op: op.replaceAll('_', ' '), right: plain(right) })
}

/** Waits may last days; nobody counts those in minutes. */
function span(ms: number, t: TFunction<'bots'>, format: Pick<Format, 'duration'>): string {
  const hours = Math.round(ms / 3_600_000)
  if (hours >= 48) return t('bots:face.days', { count: Math.round(hours / 24) })
  return ms >= 3_600_000 ? t('bots:face.hours', { count: hours }) : format.duration(ms)
}

function host(url: string | undefined): string {
  try {
    return url ? new URL(url).hostname : ''
  } catch {
    return ''
  }
}

export function titleOfStep(step: Step, t: TFunction<'bots'>): string {
  return step.title || t(KINDS.includes(step.kind) ? `bots:kind.${step.kind}` : 'bots:kind.unknown')
}

/** The word on a way out; plain "next" needs none. */
export function branchWord(edge: Edge, from: Step | undefined, t: TFunction<'bots'>): string {
  if (edge.branch === 'next') return ''
  const choice = from?.choices?.find((option) => option.id === edge.branch)
  if (choice) return choice.title
  return BRANCHES.includes(edge.branch) ? t(`bots:branch.${edge.branch}`) : edge.branch
}
