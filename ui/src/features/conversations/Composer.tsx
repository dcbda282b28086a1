// Where a person writes: the draft survives, Enter sends, and a closed door says so.
import { ActionIcon, Textarea } from '@mantine/core'
import { IconArrowUp, IconLock } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type RefObject, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import { useDraft } from '@/lib/drafts'
import classes from './Inbox.module.css'
import { reply } from './outbox'
import { windowClosed } from './thread'
import type { Conversation } from './types'
import { useName } from './useName'

const LIMIT = 4_096
const SOON_MS = 3 * 3_600_000

export function Composer({
  conversation,
  field,
}: {
  conversation: Conversation
  field: RefObject<HTMLTextAreaElement | null>
}) {
  const { t } = useTranslation('inbox')
  const format = useFormat()
  const queries = useQueryClient()
  const name = useName()(conversation)
  const [text, setText] = useDraft(`reply:${conversation.id}`)
  const now = useNow()
  const closesAt = conversation.window_closes_at
  const closed = windowClosed(closesAt, now)

  const send = () => {
    const words = text.trim()
    if (!words || closed) return
    setText('')
    void reply(queries, conversation.id, words)
  }

  return (
    <div className={classes.composer}>
      {closed ? (
        <div className={classes.closed} role="status">
          <IconLock size={20} stroke={1.6} aria-hidden />
          <div>
            <strong>{t('closedTitle')}</strong>
            <p>{t('closedText', { name, ago: format.ago(closesAt ?? now, now) })}</p>
          </div>
        </div>
      ) : (
        <p className={classes.hint}>
          {conversation.mode === 'bot' ? `${t('botAnswers')} ${t('takesOver')}` : t('youAnswer')}
          {closesAt !== null && closesAt - now < SOON_MS && ` ${t('closesSoon', { time: format.clock(closesAt) })}`}
        </p>
      )}
      {(!closed || text) && (
        <form
          className={classes.box}
          data-closed={closed || undefined}
          onSubmit={(event) => {
            event.preventDefault()
            send()
          }}
        >
          <Textarea
            ref={field}
            className={classes.input ?? ''}
            variant="unstyled"
            aria-label={t('write', { name })}
            placeholder={t('write', { name })}
            title={t('enterHint')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') event.currentTarget.blur()
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
              event.preventDefault()
              send()
            }}
            readOnly={closed}
            minRows={1}
            maxRows={8}
            maxLength={LIMIT}
            dir="auto"
          />
          <ActionIcon
            type="submit"
            variant="filled"
            color="accent"
            size={36}
            radius="xl"
            aria-label={t('send')}
            disabled={!text.trim() || closed}
          >
            <IconArrowUp size={20} stroke={2} />
          </ActionIcon>
        </form>
      )}
    </div>
  )
}

/** The door may close while one looks at it. */
function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 20_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
