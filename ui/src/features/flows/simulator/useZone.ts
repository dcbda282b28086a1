// The time zone of the business; before it is known, the browser's.
import { useQuery } from '@tanstack/react-query'
import { businessQuery } from '@/api/queries'
import { zoneOr } from './times'

export function useZone(): string {
  const { data } = useQuery({ ...businessQuery, enabled: false })
  return zoneOr(data?.timezone)
}
