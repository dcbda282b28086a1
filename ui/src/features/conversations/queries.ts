// What the inbox reads, and how what it does shows at once.
import { type InfiniteData, infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import { get, patch } from '@/api/client'
import type { List, Page } from '@/api/types'
import { tellError } from '@/components/notice'
import type { Conversation, Filter, Message, Startable, Summary, Why } from './types'

export const conversationsQuery = (filter: Filter, search: string) =>
  infiniteQueryOptions({
    queryKey: ['conversations', filter, search],
    queryFn: ({ signal, pageParam }) =>
      get<Page<Summary>>('/conversations', { filter, search, cursor: pageParam, limit: 40 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: (previous) => previous,
  })

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: [`conversation:${id}`],
    queryFn: ({ signal }) => get<Conversation>(`/conversations/${id}`, undefined, signal),
  })

/** Changes with what is published, so that it goes by the tag of flows. */
export const startableQuery = (id: string) =>
  queryOptions({
    queryKey: ['flows', 'startable', id],
    queryFn: ({ signal }) => get<List<Startable>>(`/conversations/${id}/start`, undefined, signal),
    select: ({ items }) => items,
  })

/** Newest first, as the program sends them. */
export const messagesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [`conversation:${id}`, 'messages'],
    queryFn: ({ signal, pageParam }) =>
      get<Page<Message>>(`/conversations/${id}/messages`, { cursor: pageParam, limit: 50 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  })

export const whyQuery = (id: string) =>
  queryOptions({
    queryKey: ['why', id],
    queryFn: ({ signal }) => get<Why>(`/messages/${id}/why`, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

type Change = { mode?: Conversation['mode']; status?: Conversation['status'] }

/** Shows the change at once in the list and beside it; takes it back and says so when it fails. */
export async function changeConversation(queries: QueryClient, id: string, change: Change): Promise<boolean> {
  const shown = { ...change, ...(change.mode === 'person' || change.status === 'resolved' ? { waiting: false } : {}) }
  queries.setQueriesData<InfiniteData<Page<Summary>>>({ queryKey: ['conversations'] }, (data) =>
    data?.pages
      ? {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.map((item) => (item.id === id ? { ...item, ...shown } : item)),
          })),
        }
      : data,
  )
  queries.setQueryData(conversationQuery(id).queryKey, (now) => (now ? { ...now, ...shown } : now))
  try {
    queries.setQueryData(conversationQuery(id).queryKey, await patch<Conversation>(`/conversations/${id}`, change))
    return true
  } catch (error) {
    tellError(error)
    return false
  } finally {
    for (const tag of ['conversations', `conversation:${id}`, 'home'])
      void queries.invalidateQueries({ queryKey: [tag] })
  }
}
