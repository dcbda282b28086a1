// The chat beside everything: ask as a customer would, see the answer and where it stands, correct it in two clicks.
import { ActionIcon, Textarea } from '@mantine/core'
import { IconArrowUp } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { AskResult, Citation } from '@/api/types'
import { errorText } from '@/components/errorText'
import { EmptyState } from '@/components/States'
import { newId } from '@/lib/id'
import { AnswerBubble } from './AnswerBubble'
import classes from './Ask.module.css'
import { SourceViewer } from './SourceViewer'

export type Turn = { id: string; question: string; result: AskResult | null; error: unknown }

export function AskChat({
  botId,
  autoFocus,
  suggestions = [],
  empty,
  disabled,
  onAnswered,
}: {
  botId?: string | undefined
  autoFocus?: boolean
  /** Questions to start with, one tap each. */
  suggestions?: string[]
  /** Instead of the usual invitation. */
  empty?: ReactNode
  disabled?: boolean
  onAnswered?: (result: AskResult) => void
}) {
  const { t } = useTranslation('ask')
  const [turns, setTurns] = useState<Turn[]>([])
  const [text, setText] = useState('')
  const [opened, setOpened] = useState<Citation | null>(null)
  const end = useRef<HTMLDivElement>(null)

  const ask = useMutation({
    mutationFn: ({ question }: { id: string; question: string }) =>
      post<AskResult>('/ask', { question, ...(botId ? { bot_id: botId } : {}) }),
    onSuccess: (result, { id }) => {
      setTurns((all) => all.map((turn) => (turn.id === id ? { ...turn, result } : turn)))
      onAnswered?.(result)
    },
    onError: (error, { id }) => setTurns((all) => all.map((turn) => (turn.id === id ? { ...turn, error } : turn))),
  })

  const submit = (words: string) => {
    const question = words.trim()
    if (!question || ask.isPending || disabled) return
    const id = newId()
    setTurns((all) => [...all, { id, question, result: null, error: null }])
    setText('')
    ask.mutate({ id, question })
  }

  useEffect(() => {
    if (turns.length > 0) end.current?.scrollIntoView({ block: 'nearest' })
  }, [turns])

  return (
    <div className={classes.chat}>
      <div className={classes.turns} role="log" aria-live="polite" aria-label={t('label')}>
        {turns.length === 0 &&
          (empty ?? <EmptyState compact picture="question" title={t('emptyTitle')} text={t('emptyText')} />)}
        {turns.map((turn) => (
          <div key={turn.id} className={classes.turn}>
            <div className={classes.question}>{turn.question}</div>
            {turn.error ? (
              <div className={classes.failed} role="alert">
                {errorText(turn.error)}{' '}
                <button type="button" className={classes.link} onClick={() => submit(turn.question)}>
                  {t('again')}
                </button>
              </div>
            ) : turn.result ? (
              <AnswerBubble
                question={turn.question}
                result={turn.result}
                onOpen={setOpened}
                onTaught={() => submit(turn.question)}
              />
            ) : (
              <div className={classes.thinking}>
                <span className={classes.dots} aria-hidden="true">
                  <i />
                  <i />
                  <i />
                </span>
                {t('thinking')}
              </div>
            )}
          </div>
        ))}
        <div ref={end} />
      </div>
      {turns.length === 0 && suggestions.length > 0 && !disabled && (
        <div className={classes.suggestions}>
          {suggestions.map((suggestion) => (
            <button key={suggestion} type="button" className={classes.suggestion} onClick={() => submit(suggestion)}>
              {suggestion}
            </button>
          ))}
        </div>
      )}
      <form
        className={classes.box}
        onSubmit={(event) => {
          event.preventDefault()
          submit(text)
        }}
      >
        <Textarea
          aria-label={t('label')}
          placeholder={t('placeholder')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
            event.preventDefault()
            submit(text)
          }}
          minRows={1}
          maxRows={5}
          maxLength={2000}
          className={classes.input ?? ''}
          variant="unstyled"
          disabled={disabled ?? false}
          data-autofocus={autoFocus || undefined}
          autoFocus={autoFocus ?? false}
        />
        <ActionIcon
          type="submit"
          variant="filled"
          color="accent"
          size={36}
          radius="xl"
          aria-label={t('send')}
          disabled={!text.trim() || ask.isPending || Boolean(disabled)}
        >
          <IconArrowUp size={20} stroke={2} />
        </ActionIcon>
      </form>
      <SourceViewer citation={opened} onClose={() => setOpened(null)} />
    </div>
  )
}
