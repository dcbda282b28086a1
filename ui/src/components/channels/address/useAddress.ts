// What can be done with the public address; the program's answer is shown at once.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { post, put } from '@/api/client'
import { publicAddressQuery } from '@/api/queries'
import type { PublicAddress, PublicAddressChange } from '@/api/types'

/** What else tells of the address: the status at the foot, the line for the website, the tunnel programs. */
const FOLLOWING = ['status', 'channels', 'tunnel_programs']

function useDeed<T = void>(mutationFn: (wish: T) => Promise<PublicAddress>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: (next) => queries.setQueryData(publicAddressQuery.queryKey, next),
    onSettled: (_next, error) => {
      for (const tag of FOLLOWING) void queries.invalidateQueries({ queryKey: [tag] })
      // A refusal may have changed something nevertheless.
      if (error) void queries.invalidateQueries({ queryKey: publicAddressQuery.queryKey })
    },
  })
}

export const useProve = () => useDeed(() => post<PublicAddress>('/public-address/prove'))
export const useRestart = () => useDeed(() => post<PublicAddress>('/public-address/restart'))
/** An address that was typed in is proven before the program answers. */
export const useSaveWay = () => useDeed((change: PublicAddressChange) => put<PublicAddress>('/public-address', change))
