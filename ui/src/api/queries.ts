// The queries that more than one place needs. queryKey[0] is always the tag that the program sends when it changed.
import { QueryClient, queryOptions, useQuery } from '@tanstack/react-query'
import { ApiError, get } from './client'
import type {
  Bot,
  Business,
  Channel,
  ChannelSummary,
  Home,
  List,
  Model,
  Page,
  PublicAddress,
  SessionInfo,
  Source,
  Status,
  TunnelProgram,
} from './types'

const FINAL = ['invalid', 'unauthorized', 'forbidden', 'not_found', 'conflict', 'unsupported', 'too_large']

/** Reads are tried again; writes never are, since a lost answer does not mean a lost deed. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // A local program: always ask, even when the browser believes that there is no internet.
        networkMode: 'always',
        staleTime: 30_000,
        retry: (count, error) => count < 2 && !(error instanceof ApiError && FINAL.includes(error.code)),
        retryDelay: (count) => Math.min(500 * 2 ** count, 4_000),
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => get<SessionInfo>('/session', undefined, signal),
  staleTime: 5 * 60_000,
})
export const businessQuery = queryOptions({
  queryKey: ['business'],
  queryFn: ({ signal }) => get<Business>('/business', undefined, signal),
  staleTime: 5 * 60_000,
})
export const homeQuery = queryOptions({
  queryKey: ['home'],
  queryFn: ({ signal }) => get<Home>('/home', undefined, signal),
})
export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => get<Status>('/status', undefined, signal),
  refetchInterval: 60_000,
})
export const botsQuery = queryOptions({
  queryKey: ['bots'],
  queryFn: ({ signal }) => get<List<Bot>>('/bots', undefined, signal),
})
export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: ({ signal }) => get<Page<Source>>('/sources', { limit: 100 }, signal),
})
export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: ({ signal }) => get<List<ChannelSummary>>('/channels', undefined, signal),
})
export const channelQuery = (id: string) =>
  queryOptions({
    queryKey: ['channels', id],
    queryFn: ({ signal }) => get<Channel>(`/channels/${id}`, undefined, signal),
  })
export const publicAddressQuery = queryOptions({
  queryKey: ['public_address'],
  queryFn: ({ signal }) => get<PublicAddress>('/public-address', undefined, signal),
  // The stream of changes tells too; this is for the case that it is cut while somebody waits for the tunnel.
  refetchInterval: ({ state }) => (['starting', 'waiting'].includes(state.data?.tunnel?.state ?? '') ? 5_000 : false),
})
/** Which tunnel programs are on this computer. Nobody tells when one is installed: asked again by whoever comes back. */
export const tunnelProgramsQuery = queryOptions({
  queryKey: ['tunnel_programs'],
  queryFn: ({ signal }) => get<List<TunnelProgram>>('/public-address/ways', undefined, signal),
  staleTime: 0,
})
export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => get<List<Model>>('/models', undefined, signal),
})

export const useSession = () => useQuery(sessionQuery)
export const useBusiness = () => useQuery(businessQuery)
export const useStatus = () => useQuery(statusQuery)
