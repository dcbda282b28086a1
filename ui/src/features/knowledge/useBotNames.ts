// The bots by id, for saying who uses a source.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { botsQuery } from '@/api/queries'

export function useBotNames(): Map<string, string> {
  const { data } = useQuery(botsQuery)
  return useMemo(() => new Map((data?.items ?? []).map((bot) => [bot.id, bot.name])), [data])
}
