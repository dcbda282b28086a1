// Where customers meet this bot, and bringing other channels to it.
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { patch } from '@/api/client'
import { botsQuery, channelsQuery } from '@/api/queries'
import type { Bot, ChannelState, ChannelSummary } from '@/api/types'
import { ChannelIcon } from '@/components/ChannelIcon'
import { offerUndo, tellError } from '@/components/notice'
import { Panel, Row } from '@/components/Panel'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { Tag, type Tone } from '@/components/Tag'
import classes from './Bots.module.css'

const TONES: Record<ChannelState, Tone> = { draft: 'off', active: 'ok', paused: 'off', trouble: 'attention' }

export function ChannelsTab({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots')
  const queries = useQueryClient()
  const query = useQuery(channelsQuery)
  const bots = useQuery(botsQuery)
  const nameOf = (id: string) => bots.data?.items.find((other) => other.id === id)?.name ?? '…'
  const move = async (channel: ChannelSummary, to: string): Promise<void> => {
    try {
      await patch(`/channels/${channel.id}`, { bot_id: to })
      if (to === bot.id)
        offerUndo(t('moved', { channel: channel.name, bot: bot.name }), () => move(channel, channel.bot_id))
    } catch (error) {
      tellError(error)
    } finally {
      for (const tag of ['channels', 'bots']) void queries.invalidateQueries({ queryKey: [tag] })
    }
  }
  const open = (
    <Button variant="default" renderRoot={(props) => <Link {...props} to={'/settings/channels' as '/'} />}>
      {t('toChannels')}
    </Button>
  )
  return (
    <QueryView query={query} loading={<Loading count={3} />}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState picture="channel" title={t('channelsNone')} text={t('channelsNoneText')} action={open} />
        ) : (
          <>
            <p className={classes.lead}>{t('channelsLead')}</p>
            <Panel flush>
              {[...items]
                .sort((a, b) => Number(b.bot_id === bot.id) - Number(a.bot_id === bot.id))
                .map((channel) => {
                  const here = channel.bot_id === bot.id
                  return (
                    <Row
                      key={channel.id}
                      icon={<ChannelIcon kind={channel.kind} />}
                      title={
                        <Link to={`/settings/channels/${channel.id}` as '/'} className={classes.rowLink}>
                          {channel.name}
                        </Link>
                      }
                      text={here ? channel.trouble?.message : t('otherBot', { bot: nameOf(channel.bot_id) })}
                      end={
                        here ? (
                          <Tag tone={TONES[channel.state]}>{t(`channelState.${channel.state}`)}</Tag>
                        ) : (
                          <Button
                            variant="default"
                            onClick={() => void move(channel, bot.id)}
                            aria-label={`${t('moveHere')}: ${channel.name}`}
                          >
                            {t('moveHere')}
                          </Button>
                        )
                      }
                    />
                  )
                })}
            </Panel>
            <div className={classes.buttons} style={{ marginBlockStart: 16 }}>
              {open}
            </div>
          </>
        )
      }
    </QueryView>
  )
}
