// Times that repeat, written in five fields: read into a plan that people choose from, written back, and the next moments.

export type Plan =
  | { every: 'hour'; minute: number }
  | { every: 'day'; hour: number; minute: number }
  | { every: 'week'; days: number[]; hour: number; minute: number }
  | { every: 'month'; day: number; hour: number; minute: number }
  /** Something that the choices cannot say. */
  | { every: 'own'; text: string }

const BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const
const NAMES: Record<string, number> = Object.fromEntries([
  ...['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].map((name, i) => [name, i] as const),
  ...['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map(
    (name, i) => [name, i + 1] as const,
  ),
])

/** The numbers that one field allows; null when it cannot be read. */
function numbersOf(text: string, least: number, most: number): Set<number> | null {
  const numbers = new Set<number>()
  for (const piece of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(piece) ?? []
    const number = (word: string) => NAMES[word.toLowerCase()] ?? (/^\d+$/.test(word) ? Number(word) : Number.NaN)
    const [first = '', second] = range.split('-')
    const from = range === '*' ? least : number(first)
    const to = range === '*' ? most : second === undefined ? (step ? most : from) : number(second)
    const by = step ? Number(step) : 1
    if (!(from >= least && to <= most && from <= to && by > 0)) return null
    for (let n = from; n <= to; n += by) numbers.add(n)
  }
  return numbers
}

type Sets = { minutes: Set<number>; hours: Set<number>; days: Set<number>; months: Set<number>; weekdays: Set<number> }

export function readCron(text: string): (Sets & { anyDay: boolean; anyWeekday: boolean }) | null {
  const words = text.trim().split(/\s+/)
  if (words.length !== 5) return null
  const sets = words.map((word, i) => numbersOf(word, BOUNDS[i]?.[0] ?? 0, BOUNDS[i]?.[1] ?? 0))
  const [minutes, hours, days, months, weekdays] = sets
  if (!minutes || !hours || !days || !months || !weekdays) return null
  // Both 0 and 7 are Sunday.
  if (weekdays.delete(7)) weekdays.add(0)
  return { minutes, hours, days, months, weekdays, anyDay: words[2] === '*', anyWeekday: words[4] === '*' }
}

export function planOf(text: string): Plan {
  const cron = readCron(text)
  const own: Plan = { every: 'own', text }
  if (cron?.months.size !== 12 || cron.minutes.size !== 1) return own
  const [minute = 0] = cron.minutes
  if (cron.hours.size === 24 && cron.anyDay && cron.anyWeekday) return { every: 'hour', minute }
  if (cron.hours.size !== 1) return own
  const [hour = 0] = cron.hours
  if (cron.anyDay && cron.weekdays.size === 7) return { every: 'day', hour, minute }
  if (cron.anyDay) return { every: 'week', days: [...cron.weekdays].sort((a, b) => a - b), hour, minute }
  if (cron.anyWeekday && cron.days.size === 1) return { every: 'month', day: [...cron.days][0] ?? 1, hour, minute }
  return own
}

export function cronOf(plan: Plan): string {
  switch (plan.every) {
    case 'hour':
      return `${plan.minute} * * * *`
    case 'day':
      return `${plan.minute} ${plan.hour} * * *`
    case 'week':
      return `${plan.minute} ${plan.hour} * * ${plan.days.length > 0 ? plan.days.join(',') : '1'}`
    case 'month':
      return `${plan.minute} ${plan.hour} ${plan.day} * *`
    default:
      return plan.text
  }
}

const DAY_MS = 86_400_000

/** Wall clock of a zone at a moment, as if it were UTC. */
function wall(at: number, zone: string): number {
  const parts: Record<string, number> = {}
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value)
  return Date.UTC(parts.year ?? 0, (parts.month ?? 1) - 1, parts.day, parts.hour, parts.minute)
}

/** The moment at which a zone's clock shows `clock` (as if it were UTC). */
function moment(clock: number, zone: string): number {
  const guess = clock - (wall(clock, zone) - clock)
  return guess - (wall(guess, zone) - clock)
}

/** The next moments, in ms; fewer when nothing comes within four years. */
export function nextTimes(text: string, from: number, count: number, zone: string): number[] {
  const cron = readCron(text)
  if (!cron) return []
  const found: number[] = []
  const here = wall(from, zone)
  const hours = [...cron.hours].sort((a, b) => a - b)
  const minutes = [...cron.minutes].sort((a, b) => a - b)
  let day = Math.floor(here / DAY_MS) * DAY_MS
  for (let n = 0; n < 4 * 366 && found.length < count; n += 1, day += DAY_MS) {
    const date = new Date(day)
    if (!cron.months.has(date.getUTCMonth() + 1)) continue
    const byDay = cron.days.has(date.getUTCDate())
    const byWeekday = cron.weekdays.has(date.getUTCDay())
    // As cron has it: when both are given, either is enough.
    if (cron.anyDay || cron.anyWeekday ? !(byDay && byWeekday) : !(byDay || byWeekday)) continue
    for (const hour of hours) {
      for (const minute of minutes) {
        const clock = day + (hour * 60 + minute) * 60_000
        if (clock <= here || found.length >= count) continue
        found.push(moment(clock, zone))
      }
    }
  }
  return found
}
