// One conversation: who answers, everything that was said, and the way to answer.
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconArrowLeft, IconCheck, IconInfoCircle, IconRobot, IconRotate, IconUser } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { RefObject } from 'react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import { ChannelIcon } from '@/components/ChannelIcon'
import { Face } from '@/components/Face'
import { ErrorState, Loading } from '@/components/States'
import { Composer } from './Composer'
import classes from './Inbox.module.css'
import { Messages } from './Messages'
import { changeConversation, conversationQuery } from './queries'
import { StartFlow } from './StartFlow'
import type { Conversation } from './types'
import { useName } from './useName'

export function Thread({
  id,
  composer,
  onBack,
  onResolve,
  onAbout,
}: {
  id: string
  composer: RefObject<HTMLTextAreaElement | null>
  onBack: () => void
  onResolve: (conversation: Conversation) => void
  /** Where the person has no pane of its own. */
  onAbout?: () => void
}) {
  const query = useQuery(conversationQuery(id))
  useSeen(id, query.data?.unread ?? 0)
  if (query.isError && !query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />
  if (!query.data)
    return (
      <div className={classes.pad}>
        <Loading count={6} />
      </div>
    )
  const conversation = query.data
  return (
    <div className={classes.thread}>
      <Head conversation={conversation} onBack={onBack} onResolve={onResolve} {...(onAbout ? { onAbout } : {})} />
      <Messages conversation={conversation} onRetried={() => composer.current?.focus()} />
      <Composer conversation={conversation} field={composer} />
    </div>
  )
}

/** What is on screen counts as read, also what arrives meanwhile; not in a window behind others. */
function useSeen(id: string, unread: number) {
  const queries = useQueryClient()
  useEffect(() => {
    if (unread === 0) return
    const tell = () => {
      if (document.hidden) return
      post(`/conversations/${id}/read`)
        .then(() => {
          for (const tag of ['conversations', `conversation:${id}`]) void queries.invalidateQueries({ queryKey: [tag] })
        })
        // The next message, or the next look, tells it again.
        .catch(() => {})
    }
    tell()
    document.addEventListener('visibilitychange', tell)
    return () => document.removeEventListener('visibilitychange', tell)
  }, [id, unread, queries])
}

function Head({
  conversation,
  onBack,
  onResolve,
  onAbout,
}: {
  conversation: Conversation
  onBack: () => void
  onResolve: (conversation: Conversation) => void
  onAbout?: () => void
}) {
  const { t } = useTranslation('inbox')
  const queries = useQueryClient()
  const name = useName()(conversation)
  const bot = conversation.mode === 'bot'
  const done = conversation.status === 'resolved'
  return (
    <header className={classes.head}>
      <ActionIcon className={classes.back ?? ''} aria-label={t('back')} onClick={onBack}>
        <IconArrowLeft size={20} stroke={1.6} className={classes.arrow} />
      </ActionIcon>
      <Face name={name} size={36} unknown={!conversation.contact.name} />
      <div className={classes.headWords}>
        <h1 className={`${classes.headName} lined`} dir="auto">
          {name}
        </h1>
        <span className={classes.headMeta}>
          <ChannelIcon kind={conversation.channel.kind} size={16} />
          <span>{conversation.channel.name}</span>
          {conversation.waiting && <span className={classes.waits}>· {t('waiting')}</span>}
        </span>
      </div>
      <div className={classes.headActions}>
        <Button
          variant={conversation.waiting && bot ? 'filled' : 'default'}
          leftSection={bot ? <IconUser size={16} stroke={1.6} /> : <IconRobot size={16} stroke={1.6} />}
          onClick={() => void changeConversation(queries, conversation.id, { mode: bot ? 'person' : 'bot' })}
        >
          {t(bot ? 'takeOver' : 'giveBack')}
        </Button>
        <Button
          variant="default"
          leftSection={done ? <IconRotate size={16} stroke={1.6} /> : <IconCheck size={16} stroke={1.6} />}
          onClick={() => onResolve(conversation)}
        >
          {t(done ? 'reopen' : 'resolve')}
        </Button>
        <StartFlow conversation={conversation} />
        {onAbout && (
          <Tooltip label={t('aboutOpen')}>
            <ActionIcon aria-label={t('about', { name })} onClick={onAbout}>
              <IconInfoCircle size={20} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    </header>
  )
}
