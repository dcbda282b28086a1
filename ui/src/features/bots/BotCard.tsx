// One bot in the overview.
import { ActionIcon, Menu, Switch } from '@mantine/core'
import { IconCopy, IconDots, IconRobot, IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Bot } from '@/api/types'
import { ChannelIcon } from '@/components/ChannelIcon'
import { Tag } from '@/components/Tag'
import { useFormat } from '@/components/useFormat'
import classes from './Bots.module.css'
import { useBotDeeds } from './useBotDeeds'

/** On or off, in one switch with its word. */
export function BotSwitch({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots')
  const { turn } = useBotDeeds()
  return (
    <Switch
      className={classes.front ?? ''}
      checked={!bot.paused}
      onChange={(event) => void turn(bot, event.currentTarget.checked)}
      label={t(bot.paused ? 'offState' : 'on')}
      aria-label={t('switch', { name: bot.name })}
    />
  )
}

export function BotMenu({ bot, onRemoved }: { bot: Bot; onRemoved?: () => void }) {
  const { t } = useTranslation('bots')
  const { duplicate, discard } = useBotDeeds()
  return (
    <Menu width={200}>
      <Menu.Target>
        <ActionIcon className={classes.front ?? ''} aria-label={t('actions', { name: bot.name })}>
          <IconDots size={20} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => void duplicate(bot)}>
          {t('duplicate')}
        </Menu.Item>
        <Menu.Item color="danger" leftSection={<IconTrash size={16} />} onClick={() => void discard(bot, onRemoved)}>
          {t('remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

export function BotCard({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots')
  const format = useFormat()
  const asked = bot.answered_7d + bot.handed_over_7d
  return (
    <article className={classes.card} data-off={bot.paused || undefined}>
      <div className={classes.cardHead}>
        <span className={classes.mark}>
          <IconRobot size={24} stroke={1.6} aria-hidden />
        </span>
        <div className={classes.cardWords}>
          <h2 className={classes.cardTitle}>
            <Link to={`/bots/${bot.id}` as '/'} className={classes.link}>
              <bdi>{bot.name}</bdi>
            </Link>
          </h2>
        </div>
        <BotMenu bot={bot} />
      </div>
      {bot.description && (
        <p className={`${classes.text} lined`} dir="auto">
          {bot.description}
        </p>
      )}
      <dl className={classes.facts}>
        <dt>{t('lives')}</dt>
        <dd>
          {bot.channels.length === 0
            ? t('nowhere')
            : bot.channels.map((channel) => (
                <span key={channel.id} className={classes.channel}>
                  <ChannelIcon kind={channel.kind} size={16} />
                  {channel.name}
                  {channel.state === 'trouble' && <Tag tone="attention">{t('channelState.trouble')}</Tag>}
                </span>
              ))}
        </dd>
        <dt>{t('week')}</dt>
        <dd>
          {asked === 0 ? (
            t('quiet')
          ) : (
            <>
              <span>{t('answered', { count: bot.answered_7d, number: format.number(bot.answered_7d) })}</span>
              {bot.handed_over_7d > 0 && (
                <span>{t('handed', { count: bot.handed_over_7d, number: format.number(bot.handed_over_7d) })}</span>
              )}
            </>
          )}
        </dd>
      </dl>
      <div className={classes.cardFoot}>
        <BotSwitch bot={bot} />
      </div>
    </article>
  )
}
