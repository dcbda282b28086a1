// Words that many faces use: lengths of time, weekdays, times that repeat, lists of things.
import { i18next } from '@/i18n'
import { planOf } from '../panel/cron'
import { biggestUnit } from '../panel/inputs/units'
import { type Fields, type Icon, pathWords, type StepFace, shorten, type Words } from './face'

const language = () => i18next.language || 'en'
const formats = new Map<string, Intl.DateTimeFormat | Intl.ListFormat | Intl.NumberFormat>()
function kept<T extends Intl.DateTimeFormat | Intl.ListFormat | Intl.NumberFormat>(key: string, make: () => T): T {
  const name = `${language()} ${key}`
  const found = formats.get(name) ?? make()
  formats.set(name, found)
  return found as T
}

/** 0 and 7 are Sunday. */
export function weekday(day: number, style: 'long' | 'short' = 'long'): string {
  const format = kept(style, () => new Intl.DateTimeFormat(language(), { weekday: style, timeZone: 'UTC' }))
  // 4 January 1970 was a Sunday.
  return format.format((3 + (day % 7)) * 86_400_000)
}

export function listed(items: string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  return kept(type, () => new Intl.ListFormat(language(), { type })).format(items)
}

/** The first few, and how many more. */
export function some(items: string[], t: Words, most = 4): string {
  if (items.length <= most) return listed(items)
  return t('flowsteps:someMore', { list: items.slice(0, most).join(', '), count: items.length - most })
}

export function span(ms: number, t: Words): string {
  const unit = biggestUnit(ms)
  const count = Math.round((ms / unit.ms) * 10) / 10
  const number = kept('number', () => new Intl.NumberFormat(language())).format(count)
  return t(`flowsteps:span.${unit.name}`, { count, number })
}

function clock(hour: number, minute: number): string {
  const format = kept('clock', () => new Intl.DateTimeFormat(language(), { timeStyle: 'short', timeZone: 'UTC' }))
  return format.format((hour * 60 + minute) * 60_000)
}

/** "every Monday at 9:00"; '' for what cannot be said so. */
export function cronWords(text: string, t: Words): string {
  const plan = planOf(text)
  switch (plan.every) {
    case 'hour':
      return t('flowsteps:cron.hour', { count: plan.minute })
    case 'day':
      return t('flowsteps:cron.day', { time: clock(plan.hour, plan.minute) })
    case 'week':
      return t('flowsteps:cron.week', {
        days: listed([...plan.days].sort((a, b) => (a || 7) - (b || 7)).map((day) => weekday(day))),
        time: clock(plan.hour, plan.minute),
      })
    case 'month':
      return t('flowsteps:cron.month', { day: plan.day, time: clock(plan.hour, plan.minute) })
    default:
      return ''
  }
}

/** A value as it is said within a sentence. */
export function valueWords(fields: Fields, name: string, t: Words): string {
  if (/^\s*\{\{\s*last\.text\s*\}\}\s*$/.test(fields.string(name))) return t('flowsteps:rule.said')
  const path = pathWords(fields.string(name))
  return path ? t('flowsteps:rule.the', { what: path }) : fields.quoted(name, 50)
}

/** A host, as far as an address names one. */
export function hostOf(address: string): string {
  return /^https?:\/\/([^/?#{\s]+)/.exec(address.trim())?.[1] ?? ''
}

/** "Sends a picture: “Our shop”": the sentence, and the words behind it when there are any. */
export function withWords(sentence: string, words: string): string {
  return words ? `${sentence}: “${shorten(words)}”` : sentence
}

/** What a question asks for, how often, and in which words. */
export function question(fields: Fields, t: Words, what: string): string {
  const tries = fields.number('max_tries')
  return withWords(
    tries !== null && tries > 1 ? t('flowsteps:upTo', { what, count: tries }) : what,
    fields.text('text'),
  )
}

/** A question whose face says no more than what it asks for. */
export function asks(icon: Icon, name: string): StepFace {
  return { icon, says: (fields, t) => question(fields, t, t(`flowsteps:face.${name}`)) }
}

/** "a picture or a video"; kinds that are not known stay as they are written. */
export function mediaWords(kinds: string[], t: Words): string {
  return listed(
    kinds.map((kind) => (i18next.exists(`flowsteps:mediaKind.${kind}`) ? t(`flowsteps:mediaKind.${kind}`) : kind)),
    'disjunction',
  )
}

/** Days of the week (0 is Sunday) in order, neighbours joined: "Monday to Friday and Sunday". */
export function weekdays(days: number[], t: Words): string {
  const order = [...days].map((day) => day || 7).sort((a, b) => a - b)
  const runs: number[][] = []
  for (const day of order) {
    const last = runs.at(-1)
    if (last && last.at(-1) === day - 1) last.push(day)
    else runs.push([day])
  }
  return listed(
    runs.flatMap((run) => {
      const [from = 1] = run
      return run.length > 2
        ? [t('flowsteps:fromTo', { from: weekday(from), to: weekday(run.at(-1) ?? from) })]
        : run.map((day) => weekday(day))
    }),
  )
}

export function percent(share: number): string {
  return kept('percent', () => new Intl.NumberFormat(language(), { style: 'percent' })).format(share)
}

/** A date or a time: the value that holds it, or the written one. */
export function momentWords(fields: Fields, name: string, t: Words): string {
  const path = pathWords(fields.string(name))
  if (path) return t('flowsteps:rule.the', { what: path })
  const text = fields.text(name, 40)
  const [, day = '', time] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?$/.exec(text) ?? []
  const at = Date.parse(`${day}T${time ?? '00:00'}Z`)
  if (Number.isNaN(at)) return text
  const style = time ? 'moment' : 'day'
  return kept(style, () => {
    const options = { dateStyle: 'long', timeZone: 'UTC', ...(time && { timeStyle: 'short' as const }) } as const
    return new Intl.DateTimeFormat(language(), options)
  }).format(at)
}
