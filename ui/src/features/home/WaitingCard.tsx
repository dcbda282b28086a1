// The customers who asked for a person, longest visible first.
import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ConversationSummary } from '@/api/types'
import { ChannelIcon } from '@/components/ChannelIcon'
import { Face } from '@/components/Face'
import { Panel } from '@/components/Panel'
import { Ago } from '@/components/Time'
import classes from './Home.module.css'

export function WaitingCard({ waiting, total }: { waiting: ConversationSummary[]; total: number }) {
  const { t } = useTranslation('home')
  const nameOf = ({ contact, channel }: ConversationSummary) =>
    contact.name || contact.handle || t(channel.kind === 'webchat' ? 'common:visitor' : 'common:somebody')
  return (
    <Panel
      title={t('waitingTitle')}
      flush={waiting.length > 0}
      actions={
        total > 0 && (
          <Anchor
            className="tap"
            size="sm"
            fw={550}
            renderRoot={(props) => <Link {...props} to={'/inbox?filter=waiting' as '/'} />}
          >
            {t('waitingAll')}
          </Anchor>
        )
      }
    >
      {waiting.length === 0 ? (
        <p className={classes.none}>
          <strong>{t('waitingNone')}.</strong> {t('waitingNoneText')}
        </p>
      ) : (
        <ul className={classes.list}>
          {waiting.map((conversation) => (
            <li key={conversation.id}>
              <Link to={`/inbox/${conversation.id}` as '/'} className={classes.person}>
                <Face name={nameOf(conversation)} size={40} unknown={!conversation.contact.name} />
                <span className={classes.words}>
                  <span className={classes.head}>
                    <strong>
                      <bdi>{nameOf(conversation)}</bdi>
                    </strong>
                    <span className={classes.meta}>
                      <ChannelIcon kind={conversation.channel.kind} size={16} />
                      <Ago at={conversation.last_message_at} />
                    </span>
                  </span>
                  <span className={`${classes.preview} lined`} dir="auto">
                    {conversation.preview}
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
