// Changing a channel: the answer of the program is shown at once, the lists fetch again.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { patch } from '@/api/client'
import { channelQuery } from '@/api/queries'
import type { Channel, ChannelPatch } from '@/api/types'

export function useChannelPatch(id: string) {
  const queries = useQueryClient()
  return useCallback(
    async (change: ChannelPatch) => {
      const next = await patch<Channel>(`/channels/${id}`, change)
      queries.setQueryData(channelQuery(id).queryKey, next)
      for (const tag of ['channels', 'home', 'bots']) void queries.invalidateQueries({ queryKey: [tag] })
      return next
    },
    [id, queries],
  )
}
