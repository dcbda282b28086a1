// What the bots' place reads beyond the shared list.
import { queryOptions } from '@tanstack/react-query'
import { get } from '@/api/client'
import type { Bot } from '@/api/types'
import type { Texts } from './types'

// The tag `bots` covers both: a bot and its words change together.
export const botQuery = (id: string) =>
  queryOptions({ queryKey: ['bots', id], queryFn: ({ signal }) => get<Bot>(`/bots/${id}`, undefined, signal) })
export const textsQuery = (id: string) =>
  queryOptions({
    queryKey: ['bots', id, 'texts'],
    queryFn: ({ signal }) => get<Texts>(`/bots/${id}/texts`, undefined, signal),
  })
