// One message: its words, who wrote it, how its sending went, and for the bot's answers where they come from.
import { Button } from '@mantine/core'
import {
  IconCheck,
  IconChecks,
  IconClock,
  IconPencil,
  IconRosetteDiscountCheck,
  IconRoute,
  IconSparkles,
} from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { Citation } from '@/api/types'
import { SourceChips } from '@/components/ask/AnswerBubble'
import { TeachForm } from '@/components/ask/TeachForm'
import { tellError } from '@/components/notice'
import { useFormat } from '@/components/useFormat'
import { ContentView } from './ContentView'
import classes from './Inbox.module.css'
import { wordsOf } from './thread'
import type { Message } from './types'

type Props = {
  message: Message
  lead: boolean
  last: boolean
  repliedTo: Message | undefined
  conversationId: string
  question: () => string
  onWhy: () => void
  onOpen: (citation: Citation) => void
}

export function MessageRow({ message, lead, last, repliedTo, conversationId, question, onWhy, onOpen }: Props) {
  const { t } = useTranslation('inbox')
  const { author } = message
  const ours = message.direction === 'out'
  const name =
    author.kind === 'bot' ? author.name || t('bot') : author.kind === 'phone' ? t('phone') : author.name || t('you')
  return (
    <div className={classes.row} data-side={ours ? 'ours' : 'theirs'} data-lead={lead || undefined}>
      {ours && lead && <div className={classes.author}>{name}</div>}
      <div className={classes.bubble} data-by={author.kind} data-state={message.status}>
        {repliedTo && (
          <p className={classes.quote} dir="auto">
            {t('repliesTo', { text: wordsOf(repliedTo.content).slice(0, 120) })}
          </p>
        )}
        {message.deleted ? <p className={classes.gone}>{t('deleted')}</p> : <ContentView content={message.content} />}
      </div>
      {message.reactions.length > 0 && (
        <div className={classes.reactions}>
          {message.reactions.map((reaction) => (
            <span
              key={`${reaction.by}${reaction.emoji}`}
              role="img"
              aria-label={t('reactionBy', { emoji: reaction.emoji })}
            >
              {reaction.emoji}
            </span>
          ))}
        </div>
      )}
      {message.answer && <SourceChips citations={message.answer.citations} onOpen={onOpen} />}
      {(last || message.answer || message.edited_at !== null) && <Foot message={message} />}
      {(message.status === 'failed' || message.status === 'in_doubt') && (
        <Problem message={message} conversationId={conversationId} />
      )}
      {message.answer && <AnswerActions message={message} question={question} onWhy={onWhy} />}
    </div>
  )
}

function Foot({ message }: { message: Message }) {
  const { t } = useTranslation('inbox')
  const format = useFormat()
  const { answer } = message
  const Rung = answer?.rung === 'approved' ? IconRosetteDiscountCheck : IconSparkles
  return (
    <div className={classes.foot}>
      {answer && (
        <span className={classes.rung}>
          {answer.rung !== 'extractive' && <Rung size={16} stroke={1.6} aria-hidden />}
          {t(`rung.${answer.rung}`, { model: answer.model || t('service') })} · {format.duration(answer.ms)} ·
        </span>
      )}
      <time dateTime={new Date(message.at).toISOString()} title={format.full(message.at)}>
        {format.clock(message.at)}
      </time>
      {message.edited_at !== null && <span>· {t('edited')}</span>}
      {message.direction === 'out' && <Delivery status={message.status} />}
    </div>
  )
}

function Delivery({ status }: { status: Message['status'] }) {
  const { t } = useTranslation('inbox')
  if (status === 'failed' || status === 'in_doubt' || status === 'received') return null
  const Icon = status === 'queued' || status === 'sending' ? IconClock : status === 'sent' ? IconCheck : IconChecks
  return (
    <span className={classes.delivery} data-status={status}>
      <Icon size={16} stroke={1.8} aria-hidden />
      {t(`status.${status}`)}
    </span>
  )
}

function Problem({ message, conversationId }: { message: Message; conversationId: string }) {
  const { t } = useTranslation('inbox')
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const doubt = message.status === 'in_doubt'
  const again = async () => {
    setBusy(true)
    try {
      await post(`/messages/${message.id}/retry`)
    } catch (error) {
      tellError(error)
    } finally {
      setBusy(false)
      void queries.invalidateQueries({ queryKey: [`conversation:${conversationId}`] })
    }
  }
  return (
    <div className={classes.problem} data-doubt={doubt || undefined}>
      <span>
        <strong>{t(`status.${message.status}`)}</strong> {message.error?.message ?? (doubt ? t('inDoubtText') : '')}
      </span>
      <Button size="compact-sm" variant="subtle" loading={busy} onClick={() => void again()}>
        {t('sendAgain')}
      </Button>
    </div>
  )
}

function AnswerActions({ message, question, onWhy }: { message: Message; question: () => string; onWhy: () => void }) {
  const { t } = useTranslation('inbox')
  const [teaching, setTeaching] = useState(false)
  if (teaching)
    return (
      <div className={classes.teach}>
        <TeachForm
          question={question()}
          answer={message.answer?.text ?? ''}
          messageId={message.id}
          onCancel={() => setTeaching(false)}
          onDone={() => setTeaching(false)}
        />
      </div>
    )
  return (
    <div className={classes.answerActions}>
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        leftSection={<IconRoute size={16} stroke={1.6} />}
        onClick={onWhy}
      >
        {t('why')}
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        leftSection={<IconPencil size={16} stroke={1.6} />}
        onClick={() => setTeaching(true)}
      >
        {t('teach')}
      </Button>
    </div>
  )
}
