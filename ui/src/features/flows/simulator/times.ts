// Time in the simulator: how long as words, and moments for fields, in the business's own zone.

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** "2 hours", "1 day 3 hours": the two largest units, rounded to whole seconds. */
export function lengthText(ms: number, tag: string): string {
  let rest = Math.max(0, Math.round(ms / 1000) * 1000)
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count === 0 && !(unit === 'second' && parts.length === 0)) {
      // A gap between the units says enough: "1 day", not "1 day 4 seconds".
      if (parts.length > 0) break
      continue
    }
    parts.push(new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'long' }).format(count))
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

function partsIn(at: number, zone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]))
}

/** As a field of type `datetime-local` wants it. */
export function toField(at: number, zone: string): string {
  const { year, month, day, hour, minute } = partsIn(at, zone)
  return `${year}-${month}-${day}T${hour}:${minute}`
}

/** The moment at which the clocks of that zone show this; null when it is not a moment. */
export function fromField(text: string, zone: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return null
  const wall = Date.parse(`${text.slice(0, 16)}:00Z`)
  if (Number.isNaN(wall)) return null
  // The offset may differ at the guess; asking a second time at the better guess settles it.
  let at = wall
  for (let i = 0; i < 2; i++) at = wall - (Date.parse(`${toField(at, zone)}:00Z`) - at)
  return at
}

/** "Sat, 21 Nov, 18:00": short enough for a line, long enough for a week of waiting. */
export function momentText(at: number, tag: string, zone: string): string {
  return new Intl.DateTimeFormat(tag, {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)
}

/** The next time that clocks in that zone show `clock` ("09:00"), at least `days` days later. */
export function nextAt(now: number, clock: string, zone: string, days = 1): number {
  const date = new Date(Date.parse(`${toField(now, zone).slice(0, 10)}T00:00:00Z`) + days * 86_400_000)
  return fromField(`${date.toISOString().slice(0, 10)}T${clock}`, zone) ?? now
}

/** The time zone of an owner, or the browser's when it is not one. */
export function zoneOr(zone: string | undefined): string {
  try {
    if (zone) return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    // Then the browser's own.
  }
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}
