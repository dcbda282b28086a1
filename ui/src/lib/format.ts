// Numbers, money, dates and sizes as the owner's country writes them.

export type Locale = { language: string; country: string; timezone: string; currency: string }

const DAY_MS = 86_400_000

/** `en` and `ZA` give `en-ZA`; what the browser does not know falls back to English. */
export function localeTag({ language, country }: Pick<Locale, 'language' | 'country'>): string {
  const base = language.split('-')[0] || 'en'
  const tag = country ? `${base}-${country}` : base
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? 'en'
  } catch {
    return 'en'
  }
}

function safeZone(timezone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
    return timezone
  } catch {
    return undefined
  }
}

export type Format = ReturnType<typeof makeFormat>

export function makeFormat(locale: Locale) {
  const tag = localeTag(locale)
  const zone = safeZone(locale.timezone)
  const withZone = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(tag, zone ? { ...options, timeZone: zone } : options)
  const clock = withZone({ hour: '2-digit', minute: '2-digit' })
  const day = withZone({ day: 'numeric', month: 'long', year: 'numeric' })
  const shortDay = withZone({ day: 'numeric', month: 'short' })
  const weekday = withZone({ weekday: 'long' })
  const full = withZone({ dateStyle: 'full', timeStyle: 'short' })
  const dayKey = withZone({ year: 'numeric', month: '2-digit', day: '2-digit' })
  const plain = new Intl.NumberFormat(tag)
  const share = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 })
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'long' })

  const sameDay = (a: number, b: number) => dayKey.format(a) === dayKey.format(b)

  return {
    tag,
    number: (value: number) => plain.format(value),
    percent: (value: number) => share.format(value),
    /** Minor units (cents) of the business's currency, or of another. */
    money(minor: number, currency = locale.currency) {
      try {
        const format = new Intl.NumberFormat(tag, { style: 'currency', currency })
        const digits = format.resolvedOptions().maximumFractionDigits ?? 2
        return format.format(minor / 10 ** digits)
      } catch {
        return plain.format(minor / 100)
      }
    },
    clock: (at: number) => clock.format(at),
    day: (at: number) => day.format(at),
    full: (at: number) => full.format(at),
    /** As lists show it: the clock today, "yesterday", the weekday this week, else the date. */
    stamp(at: number, now = Date.now()) {
      if (sameDay(at, now)) return clock.format(at)
      if (sameDay(at, now - DAY_MS)) return relative.format(-1, 'day')
      if (at <= now && now - at < 6 * DAY_MS) return weekday.format(at)
      return new Date(at).getFullYear() === new Date(now).getFullYear() ? shortDay.format(at) : day.format(at)
    },
    /** "5 minutes ago"; under 45 seconds it is "now" in the language. */
    ago(at: number, now = Date.now()) {
      const seconds = Math.round((at - now) / 1000)
      const size = Math.abs(seconds)
      if (size < 45) return relative.format(0, 'second')
      if (size < 2_700) return relative.format(Math.round(seconds / 60), 'minute')
      if (size < 79_200) return relative.format(Math.round(seconds / 3_600), 'hour')
      if (size < 2_160_000) return relative.format(Math.round(seconds / 86_400), 'day')
      if (size < 28_000_000) return relative.format(Math.round(seconds / 2_592_000), 'month')
      return relative.format(Math.round(seconds / 31_536_000), 'year')
    },
    /** A short time: "180 ms", "1.2 sec". */
    moment(ms: number) {
      const long = ms >= 999.5
      return new Intl.NumberFormat(tag, {
        style: 'unit',
        unit: long ? 'second' : 'millisecond',
        unitDisplay: 'short',
        maximumFractionDigits: long ? 1 : 0,
      }).format(long ? ms / 1000 : Math.max(ms, 1))
    },
    /** A length of time: "0.4 s", "3 s", "2 min". */
    duration(ms: number) {
      if (ms < 60_000) {
        const unit = new Intl.NumberFormat(tag, {
          style: 'unit',
          unit: 'second',
          unitDisplay: 'narrow',
          maximumFractionDigits: ms < 10_000 ? 1 : 0,
        })
        // Some languages write the number and its unit as one word; apart they read better.
        return unit
          .formatToParts(Math.max(ms, 100) / 1000)
          .map((part, i, all) =>
            part.type === 'unit' && /\d$/.test(all[i - 1]?.value ?? '') ? ` ${part.value}` : part.value,
          )
          .join('')
      }
      return new Intl.NumberFormat(tag, {
        style: 'unit',
        unit: 'minute',
        unitDisplay: 'short',
        maximumFractionDigits: 0,
      }).format(ms / 60_000)
    },
    bytes(size: number) {
      const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
      let step = 0
      let value = size
      while (value >= 1000 && step < units.length - 1) {
        value /= 1000
        step += 1
      }
      return new Intl.NumberFormat(tag, {
        style: 'unit',
        unit: units[step] ?? 'byte',
        unitDisplay: step === 0 ? 'long' : 'short',
        maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
      }).format(value)
    },
  }
}
