// The numbers beside the places, from the day's summary.
import { useQuery } from '@tanstack/react-query'
import { homeQuery } from '@/api/queries'

export function useBadges() {
  const { data } = useQuery({ ...homeQuery, staleTime: 60_000 })
  return { waiting: data?.today.waiting ?? 0, gaps: data?.today.unanswered_questions ?? 0 }
}
