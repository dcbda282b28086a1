// Moments, as words that stay true while they are looked at.
import { useEffect, useState } from 'react'
import { useFormat } from './useFormat'

function useMinute(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** "5 minutes ago"; the full date on hover. */
export function Ago({ at }: { at: number }) {
  const now = useMinute()
  const format = useFormat()
  return (
    <time dateTime={new Date(at).toISOString()} title={format.full(at)}>
      {format.ago(at, Math.max(now, at))}
    </time>
  )
}

/** The short form for lists: clock today, then weekday, then date. */
export function Stamp({ at }: { at: number }) {
  const now = useMinute()
  const format = useFormat()
  return (
    <time dateTime={new Date(at).toISOString()} title={format.full(at)}>
      {format.stamp(at, now)}
    </time>
  )
}
