// What the bots' place reads beyond the shared list.
import { queryOptions } from '@tanstack/react-query'
import { get } from '@/api/client'
import type { Bot } from '@/api/types'
import type { FlowView, Texts } from './types'

// The tag `bots` covers all of them: a bot, its flow and its words change together.
export const botQuery = (id: string) =>
  queryOptions({ queryKey: ['bots', id], queryFn: ({ signal }) => get<Bot>(`/bots/${id}`, undefined, signal) })
export const flowQuery = (id: string) =>
  queryOptions({
    queryKey: ['bots', id, 'flow'],
    queryFn: ({ signal }) => get<FlowView>(`/bots/${id}/flow`, undefined, signal),
  })
export const textsQuery = (id: string) =>
  queryOptions({
    queryKey: ['bots', id, 'texts'],
    queryFn: ({ signal }) => get<Texts>(`/bots/${id}/texts`, undefined, signal),
  })
