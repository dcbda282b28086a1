// Beside the day: where customers write, what the bot knows, how the program does.
import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ChannelSummary, Home } from '@/api/types'
import { ChannelIcon } from '@/components/ChannelIcon'
import { Panel } from '@/components/Panel'
import { StatusList, useStatusLines } from '@/components/StatusFoot'
import { Tag, type Tone } from '@/components/Tag'
import classes from './Home.module.css'

const TONES: Record<ChannelSummary['state'], Tone> = { draft: 'off', active: 'ok', paused: 'off', trouble: 'attention' }

export function LivesCard({ channels }: { channels: ChannelSummary[] }) {
  const { t } = useTranslation('home')
  return (
    <Panel title={t('livesTitle')}>
      {channels.length === 0 && <p className={classes.none}>{t('livesNone')}</p>}
      {channels.length > 0 && (
        <ul className={classes.lines}>
          {channels.map((channel) => (
            <li key={channel.id}>
              <Link to={`/settings/channels/${channel.id}` as '/'} className={classes.channel}>
                <ChannelIcon kind={channel.kind} />
                <span className={classes.grow}>{channel.name}</span>
                <Tag tone={TONES[channel.state]}>{t(`channel.${channel.state}`)}</Tag>
              </Link>
              {channel.trouble && <p className={classes.trouble}>{channel.trouble.message}</p>}
            </li>
          ))}
        </ul>
      )}
      {channels.length < 2 && (
        <Anchor className="tap" size="sm" fw={550} renderRoot={(props) => <Link {...props} to="/settings/channels" />}>
          {t('livesAdd')}
        </Anchor>
      )}
    </Panel>
  )
}

export function KnowledgeCard({ sources }: { sources: Home['sources'] }) {
  const { t } = useTranslation('home')
  const { ready, working, failed } = sources
  return (
    <Panel title={t('knowledgeTitle')}>
      {ready + working + failed === 0 ? (
        <>
          <p className={classes.none}>{t('nothingKnown')}</p>
          <Anchor
            className="tap"
            size="sm"
            fw={550}
            renderRoot={(props) => <Link {...props} to={'/knowledge?add=file' as '/'} />}
          >
            {t('knowledgeAdd')}
          </Anchor>
        </>
      ) : (
        <Link to={'/knowledge' as '/'} className={classes.plain}>
          {ready > 0 && <Tag tone="ok">{t('ready', { count: ready })}</Tag>}
          {working > 0 && <Tag tone="working">{t('working', { count: working })}</Tag>}
          {failed > 0 && <Tag tone="attention">{t('failed', { count: failed })}</Tag>}
        </Link>
      )}
    </Panel>
  )
}

export function HealthCard() {
  const { t } = useTranslation()
  const lines = useStatusLines()
  if (lines.length === 0) return null
  return (
    <Panel title={t('home:healthTitle')}>
      <StatusList lines={lines} />
    </Panel>
  )
}
