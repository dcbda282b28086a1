// Where a tunnel on this computer has to lead: the public listener, as the program tells it with a web chat.
import { useQuery } from '@tanstack/react-query'
import { channelQuery, channelsQuery } from '@/api/queries'

const USUAL = 'http://127.0.0.1:4871'

/** Such as `http://127.0.0.1:4871`; the usual one as long as there is no web chat to know it by. */
export function usePublicPort(): string {
  const { data: channels } = useQuery(channelsQuery)
  const id = channels?.items.find((channel) => channel.kind === 'webchat')?.id
  const { data: channel } = useQuery({ ...channelQuery(id ?? ''), enabled: id !== undefined })
  const url = channel?.webchat?.preview_url
  return url && URL.canParse(url) ? new URL(url).origin : USUAL
}
