// Numbers, money and dates in the business's own way; before it is known, in the browser's.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { businessQuery } from '@/api/queries'
import { type Format, makeFormat } from '@/lib/format'

export function browserLocale() {
  const { locale, timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  const [language = 'en', country = ''] = (navigator.language || locale).split('-')
  return { language, country, timezone: timeZone, currency: 'USD' }
}

export function useFormat(): Format {
  // Only reads what the shell has fetched already.
  const { data } = useQuery({ ...businessQuery, enabled: false })
  const { language, country, timezone, currency } = data ?? browserLocale()
  return useMemo(() => makeFormat({ language, country, timezone, currency }), [language, country, timezone, currency])
}
