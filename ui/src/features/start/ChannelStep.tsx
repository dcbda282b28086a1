// Step 4: where customers write. The website chat is a line to copy, WhatsApp is seven steps.
import { Button } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, post } from '@/api/client'
import { channelQuery, channelsQuery } from '@/api/queries'
import type { Bot, Business, Channel, ChannelKind, List } from '@/api/types'
import { ChannelIcon } from '@/components/ChannelIcon'
import { WebchatEmbed } from '@/components/channels/WebchatEmbed'
import { WhatsappSteps } from '@/components/channels/WhatsappSteps'
import { tellError } from '@/components/notice'
import { Loading, QueryView } from '@/components/States'
import classes from './Start.module.css'
import { StepFrame } from './StepFrame'

/** The bot that will answer: the one there is, or a first one in the name of the business. */
async function firstBot(name: string): Promise<Bot> {
  const { items } = await get<List<Bot>>('/bots')
  return items[0] ?? (await post<Bot>('/bots', { name }))
}

export function ChannelStep({
  business,
  onPreview,
  finish,
  back,
}: {
  business: Business
  onPreview: (url: string | null) => void
  finish: () => void
  back: (() => void) | undefined
}) {
  const { t } = useTranslation('start')
  const queries = useQueryClient()
  const channels = useQuery(channelsQuery)
  const [kind, setKind] = useState<ChannelKind | null>(null)
  const [id, setId] = useState<string | null>(null)
  const choose = useMutation({
    mutationFn: async (wish: ChannelKind) => {
      const known = channels.data?.items.find((channel) => channel.kind === wish)
      if (known) return known.id
      const bot = await firstBot(business.name)
      const made = await post<Channel>('/channels', { kind: wish, bot_id: bot.id })
      for (const tag of ['channels', 'home', 'bots']) void queries.invalidateQueries({ queryKey: [tag] })
      return made.id
    },
    onSuccess: (channelId, wish) => {
      setKind(wish)
      setId(channelId)
    },
    onError: tellError,
  })
  return (
    <StepFrame
      title={t('channel.title')}
      lead={t('channel.lead')}
      next={finish}
      back={back}
      quiet={kind === null}
      plain
      nextLabel={t('finish')}
    >
      {kind === null || id === null ? (
        <div className={classes.choices}>
          {(['webchat', 'whatsapp'] as const).map((wish) => (
            <button
              key={wish}
              type="button"
              className={classes.choice}
              aria-disabled={choose.isPending}
              onClick={() => !choose.isPending && choose.mutate(wish)}
            >
              <span className={classes.choiceIcon}>
                <ChannelIcon kind={wish} size={24} />
              </span>
              <span>
                <span className={classes.choiceTitle}>
                  {t(wish === 'webchat' ? 'channel.web' : 'channel.whatsapp')}
                </span>
                <span className={classes.note}>
                  {t(wish === 'webchat' ? 'channel.webText' : 'channel.whatsappText')}
                </span>
              </span>
            </button>
          ))}
        </div>
      ) : (
        <div className={classes.chosen}>
          <div>
            <Button
              className="flush"
              variant="subtle"
              color="gray"
              size="compact-sm"
              leftSection={<IconArrowLeft size={16} className={classes.flip} />}
              onClick={() => {
                setKind(null)
                onPreview(null)
              }}
            >
              {t('channel.other')}
            </Button>
          </div>
          <Chosen id={id} onPreview={onPreview} />
        </div>
      )}
    </StepFrame>
  )
}

function Chosen({ id, onPreview }: { id: string; onPreview: (url: string | null) => void }) {
  const query = useQuery(channelQuery(id))
  const url = query.data?.webchat?.preview_url ?? null
  useEffect(() => onPreview(url), [url, onPreview])
  return (
    <QueryView query={query} loading={<Loading shape="form" count={2} />}>
      {(channel) =>
        channel.webchat ? <WebchatEmbed code={channel.webchat.embed_code} /> : <WhatsappSteps channel={channel} />
      }
    </QueryView>
  )
}
