// Lengths of time are stored in milliseconds and said in the largest unit that fits without a rest.
export type Unit = { name: 'second' | 'minute' | 'hour' | 'day'; ms: number }

export const UNITS: readonly Unit[] = [
  { name: 'second', ms: 1_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'day', ms: 86_400_000 },
]

const SECOND: Unit = { name: 'second', ms: 1_000 }

export function biggestUnit(ms: number, of: readonly Unit[] = UNITS): Unit {
  if (ms <= 0) return of[0] ?? SECOND
  return of.findLast((unit) => ms % unit.ms === 0) ?? of.findLast((unit) => ms >= unit.ms) ?? of[0] ?? SECOND
}
