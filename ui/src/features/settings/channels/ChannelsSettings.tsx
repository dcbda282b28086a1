// Settings, Channels: where customers write, and adding another place.
import { Button } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import { botsQuery, channelsQuery } from '@/api/queries'
import type { Channel, ChannelKind, ChannelSummary } from '@/api/types'
import { ChannelIcon } from '@/components/ChannelIcon'
import { tellError } from '@/components/notice'
import { Page, PageHeader } from '@/components/Page'
import { Panel, Row } from '@/components/Panel'
import { EmptyState, QueryView } from '@/components/States'
import { Tag, type Tone } from '@/components/Tag'
import classes from '../Settings.module.css'

const TONES: Record<ChannelSummary['state'], Tone> = { draft: 'off', active: 'ok', paused: 'off', trouble: 'attention' }

export function ChannelsSettings() {
  const { t } = useTranslation('settings')
  const query = useQuery(channelsQuery)
  return (
    <Page size="narrow">
      <PageHeader title={t('channels.title')} lead={t('channels.lead')} />
      <QueryView query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <>
              <EmptyState picture="channel" title={t('channels.emptyTitle')} text={t('channels.emptyText')} />
              <AddChannel />
            </>
          ) : (
            <>
              <Panel flush>
                {items.map((channel) => (
                  <ChannelRow key={channel.id} channel={channel} />
                ))}
              </Panel>
              <div className={classes.gap} />
              <AddChannel />
            </>
          )
        }
      </QueryView>
    </Page>
  )
}

function ChannelRow({ channel }: { channel: ChannelSummary }) {
  const { t } = useTranslation('settings')
  const { data: bots } = useQuery(botsQuery)
  const bot = bots?.items.find((candidate) => candidate.id === channel.bot_id)
  const link = { to: '/settings/channels/$channelId' as const, params: { channelId: channel.id } }
  return (
    <Row
      icon={<ChannelIcon kind={channel.kind} />}
      title={
        <Link {...link} className={classes.rowLink}>
          {channel.name}
        </Link>
      }
      text={channel.trouble?.message ?? bot?.name}
      end={
        <>
          <Tag tone={TONES[channel.state]}>{t(`channels:state.${channel.state}`)}</Tag>
          {channel.state === 'draft' ? (
            <Button renderRoot={(props) => <Link {...props} {...link} />}>{t('channels.finish')}</Button>
          ) : (
            <Button
              variant="subtle"
              color="gray"
              rightSection={<IconChevronRight size={16} />}
              renderRoot={(props) => <Link {...props} {...link} />}
            >
              {t('common:open')}
            </Button>
          )}
        </>
      }
    />
  )
}

function AddChannel() {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { data: bots } = useQuery(botsQuery)
  const bot = bots?.items[0]
  const add = useMutation({
    mutationFn: (kind: ChannelKind) => post<Channel>('/channels', { kind, bot_id: bot?.id }),
    onSuccess: (channel) => {
      for (const tag of ['channels', 'home', 'bots']) void queries.invalidateQueries({ queryKey: [tag] })
      void navigate({ to: '/settings/channels/$channelId', params: { channelId: channel.id } })
    },
    onError: tellError,
  })
  return (
    <>
      <div className={classes.choices}>
        {(['webchat', 'whatsapp'] as const).map((kind) => (
          <button
            key={kind}
            type="button"
            className={classes.choice}
            aria-disabled={!bot || add.isPending}
            onClick={() => bot && !add.isPending && add.mutate(kind)}
          >
            <span className={classes.choiceIcon}>
              <ChannelIcon kind={kind} />
            </span>
            <span>
              <span className={classes.choiceTitle}>
                {t('channels.add')}: {t(kind === 'webchat' ? 'channels.addWebchat' : 'channels.addWhatsapp')}
              </span>
              <span className={classes.choiceText}>
                {t(kind === 'webchat' ? 'channels.addWebchatText' : 'channels.addWhatsappText')}
              </span>
            </span>
          </button>
        ))}
      </div>
      {bots && !bot && <p className={classes.note}>{t('channels.noBot')}</p>}
    </>
  )
}
