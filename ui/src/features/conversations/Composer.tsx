// Where a person writes and attaches: the draft survives, Enter sends, and a closed door says what is still possible.
import { ActionIcon, Textarea } from '@mantine/core'
import { IconArrowUp, IconPaperclip } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type DragEvent, type RefObject, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import { useDraft } from '@/lib/drafts'
import { ClosedNote, useTemplate } from './Closed'
import { draftOf, pastedFile, pick, sendPicked, usePicked } from './files'
import classes from './Inbox.module.css'
import { reply } from './outbox'
import { PickedFile } from './PickedFile'
import { windowClosed } from './thread'
import type { Conversation } from './types'
import { useName } from './useName'

const LIMIT = 4_096
/** What an approved message carries. */
const TEMPLATE_LIMIT = 1_000
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
  const [text, setText] = useDraft(draftOf(conversation.id))
  const picked = usePicked(conversation.id)
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [several, setSeveral] = useState<string | null>(null)
  const problemId = useId()
  const now = useNow()
  const closesAt = conversation.window_closes_at
  const closed = windowClosed(closesAt, now)
  const template = useTemplate(conversation, closed)
  const locked = closed && !template
  const busy = picked != null && picked.progress !== null
  const ready = (text.trim() !== '' || picked !== undefined) && !locked && !busy

  const send = () => {
    if (!ready) return
    const words = text.trim()
    setSeveral(null)
    if (picked) {
      // Whatever came of it, one goes on writing: about the next thing, or about what was refused.
      void sendPicked(queries, conversation.id, words).then(() => field.current?.focus())
      return
    }
    setText('')
    void reply(queries, conversation.id, words)
  }
  const take = (files: ArrayLike<File> | null) => {
    const [first, ...others] = Array.from(files ?? [])
    if (!first || closed || busy) return
    pick(conversation.id, first)
    setSeveral(others.length > 0 ? conversation.id : null)
    field.current?.focus()
  }
  const brings = (event: DragEvent) => event.dataTransfer.types.includes('Files')

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a short cut; the button beside does the same
    <div
      className={classes.composer}
      onDragOver={(event) => {
        if (!brings(event)) return
        // Else the browser would leave this page for the file.
        event.preventDefault()
        event.dataTransfer.dropEffect = closed || busy ? 'none' : 'copy'
        setOver(!closed && !busy)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={(event) => {
        if (!brings(event)) return
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer.files)
      }}
    >
      {closed && template === null && <ClosedNote conversation={conversation} now={now} />}
      {closed && template && (
        <p className={classes.hint} role="status">
          {t('closedByTemplate', { name: template.name })}
        </p>
      )}
      {!closed && (
        <p className={classes.hint}>
          {conversation.mode === 'bot' ? `${t('botAnswers')} ${t('takesOver')}` : t('youAnswer')}
          {closesAt !== null && closesAt - now < SOON_MS && ` ${t('closesSoon', { time: format.clock(closesAt) })}`}
        </p>
      )}
      {(!locked || text || picked) && (
        <form
          className={classes.box}
          data-closed={locked || undefined}
          data-over={over || undefined}
          onSubmit={(event) => {
            event.preventDefault()
            send()
          }}
        >
          {picked && (
            <PickedFile
              conversationId={conversation.id}
              picked={picked}
              problemId={problemId}
              onRemoved={() => {
                setSeveral(null)
                field.current?.focus()
              }}
            />
          )}
          {picked && several === conversation.id && (
            <p className={classes.pickedNote} role="status">
              {t('file.onlyOne')}
            </p>
          )}
          <div className={classes.line}>
            {!closed && (
              <>
                <input
                  ref={chooser}
                  type="file"
                  hidden
                  onChange={(event) => {
                    take(event.currentTarget.files)
                    // So that the same file can be chosen again.
                    event.currentTarget.value = ''
                  }}
                />
                <ActionIcon
                  size={36}
                  radius="xl"
                  aria-label={t('file.attach')}
                  title={t('file.attachHint')}
                  disabled={busy}
                  onClick={() => chooser.current?.click()}
                >
                  <IconPaperclip size={20} stroke={1.6} />
                </ActionIcon>
              </>
            )}
            <Textarea
              ref={field}
              className={classes.input ?? ''}
              variant="unstyled"
              aria-label={picked ? t('file.caption', { name: picked.file.name }) : t('write', { name })}
              aria-describedby={picked && picked.error !== null ? problemId : undefined}
              aria-invalid={picked != null && picked.error !== null ? true : undefined}
              placeholder={picked ? t('file.captionShort') : t('write', { name })}
              title={t('enterHint')}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              onPaste={(event) => {
                const file = closed ? null : pastedFile(event.clipboardData)
                if (!file) return
                event.preventDefault()
                take([file])
              }}
              onKeyDown={(event) => {
                if (event.key === 'Escape') event.currentTarget.blur()
                if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
                event.preventDefault()
                send()
              }}
              readOnly={locked || busy}
              minRows={1}
              maxRows={8}
              maxLength={closed ? TEMPLATE_LIMIT : LIMIT}
              dir="auto"
            />
            <ActionIcon
              type="submit"
              variant="filled"
              color="accent"
              size={36}
              radius="xl"
              aria-label={t('send')}
              disabled={!ready}
            >
              <IconArrowUp size={20} stroke={2} />
            </ActionIcon>
          </div>
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
