// What the knowledge place reads beyond the shared list of sources.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { get } from '@/api/client'
import type { ApprovedAnswer, Gap, Page, Passage, Source, SourceContent, SourceDocument } from '@/api/types'

const paged = { initialPageParam: null as string | null }

export const sourceQuery = (id: string) =>
  queryOptions({
    queryKey: [`source:${id}`],
    queryFn: ({ signal }) => get<Source>(`/sources/${id}`, undefined, signal),
  })
export const documentQuery = (id: string) =>
  queryOptions({
    queryKey: [`source:${id}`, 'document'],
    queryFn: ({ signal }) => get<SourceDocument>(`/sources/${id}/document`, undefined, signal),
  })
export const contentQuery = (id: string) =>
  queryOptions({
    queryKey: [`source:${id}`, 'content'],
    queryFn: ({ signal }) => get<SourceContent>(`/sources/${id}/content`, undefined, signal),
  })
export const passagesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [`source:${id}`, 'passages'],
    queryFn: ({ signal, pageParam }) =>
      get<Page<Passage>>(`/sources/${id}/passages`, { cursor: pageParam, limit: 40 }, signal),
    ...paged,
    getNextPageParam: (last) => last.next,
  })
export const gapsQuery = infiniteQueryOptions({
  queryKey: ['gaps', 'open'],
  queryFn: ({ signal, pageParam }) => get<Page<Gap>>('/gaps', { state: 'open', cursor: pageParam, limit: 40 }, signal),
  ...paged,
  getNextPageParam: (last) => last.next,
})
export const answersQuery = infiniteQueryOptions({
  queryKey: ['answers'],
  queryFn: ({ signal, pageParam }) => get<Page<ApprovedAnswer>>('/answers', { cursor: pageParam, limit: 40 }, signal),
  ...paged,
  getNextPageParam: (last) => last.next,
})
