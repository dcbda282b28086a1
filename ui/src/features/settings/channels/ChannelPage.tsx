// One channel: what connects it, its settings, and removing it.
import { Button, Select, Switch, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { del, post } from '@/api/client'
import { botsQuery, channelQuery, channelsQuery } from '@/api/queries'
import type { Channel } from '@/api/types'
import { TakeOver } from '@/components/channels/TakeOver'
import { useChannelPatch } from '@/components/channels/useChannelPatch'
import { WhatsappSteps } from '@/components/channels/WhatsappSteps'
import { tellError, useDelete } from '@/components/notice'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import { SaveState } from '@/components/SaveState'
import { Loading, QueryView } from '@/components/States'
import { useAutosave } from '@/components/useAutosave'
import classes from '../Settings.module.css'
import { TemplatePanel } from './TemplatePanel'
import { WebchatPanels } from './WebchatPanels'

export function ChannelPage() {
  const { channelId = '' } = useParams({ strict: false })
  const query = useQuery(channelQuery(channelId))
  return (
    <Page>
      <QueryView query={query} loading={<Loading shape="form" />}>
        {(channel) => <Opened key={channel.id} channel={channel} />}
      </QueryView>
    </Page>
  )
}

function Opened({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings')
  const patchChannel = useChannelPatch(channel.id)
  return (
    <>
      <PageHeader
        title={channel.name}
        back={{ to: '/settings/channels', label: t('channels.back') }}
        actions={
          channel.state !== 'draft' && (
            <Switch
              label={t('channels.on')}
              checked={channel.state !== 'paused'}
              onChange={(event) =>
                void patchChannel({ state: event.currentTarget.checked ? 'active' : 'paused' }).catch(tellError)
              }
            />
          )
        }
        lead={channel.state === 'paused' ? t('channels.pausedHint') : undefined}
      />
      {channel.answered_elsewhere && <TakeOver channel={channel} />}
      {channel.trouble && !channel.answered_elsewhere && (
        <Panel tone="attention">
          <span role="alert">{channel.trouble.message}</span>
        </Panel>
      )}
      {channel.webchat && <WebchatPanels channel={channel} webchat={channel.webchat} />}
      {channel.whatsapp && (
        <Panel title={t('channels.whatsappTitle')} lead={t('channels.whatsappLead')}>
          <WhatsappSteps channel={channel} />
        </Panel>
      )}
      {channel.whatsapp && <TemplatePanel channel={channel} stored={channel.whatsapp.fallback_template} />}
      <Common channel={channel} />
    </>
  )
}

function Common({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings')
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { data: bots } = useQuery(botsQuery)
  const patchChannel = useChannelPatch(channel.id)
  const remove = useDelete([['channels'], ['home'], ['bots']])
  const { values, set, state } = useAutosave({ name: channel.name, bot_id: channel.bot_id }, patchChannel)
  return (
    <Panel title={t('channels.settings')} actions={<SaveState state={state} />}>
      <div className={classes.stack}>
        <TextInput
          label={t('channels.name')}
          value={values.name}
          onChange={(event) => set('name', event.currentTarget.value)}
          maxLength={80}
        />
        <Select
          label={t('channels.bot')}
          data={(bots?.items ?? []).map((bot) => ({ value: bot.id, label: bot.name }))}
          value={values.bot_id}
          onChange={(value) => value && set('bot_id', value)}
        />
        <div>
          <Button
            variant="subtle"
            color="danger"
            leftSection={<IconTrash size={16} />}
            onClick={() =>
              void remove({
                message: t('channels.removed', { name: channel.name }),
                hide: () => {
                  queries.setQueryData(channelsQuery.queryKey, (list) =>
                    list ? { items: list.items.filter((other) => other.id !== channel.id) } : list,
                  )
                  void navigate({ to: '/settings/channels' })
                },
                remove: () => del(`/channels/${channel.id}`),
                restore: () => post(`/channels/${channel.id}/restore`),
              })
            }
          >
            {t('channels.remove')}
          </Button>
        </div>
      </div>
    </Panel>
  )
}
