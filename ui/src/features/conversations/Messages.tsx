// Everything that was said, oldest above, the newest always in sight; earlier ones load when one scrolls up.
import { Button } from '@mantine/core'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Citation } from '@/api/types'
import { SourceViewer } from '@/components/ask/SourceViewer'
import { errorText } from '@/components/errorText'
import { ErrorState, Loading } from '@/components/States'
import { useFormat } from '@/components/useFormat'
import classes from './Inbox.module.css'
import { MessageRow } from './MessageRow'
import { discard, type Sending, sendAgain, useSending } from './outbox'
import { messagesQuery } from './queries'
import { questionBefore, threadOf } from './thread'
import type { Conversation, Message } from './types'
import { useName } from './useName'
import { WhyDrawer } from './WhyDrawer'

export function Messages({
  conversation,
  onRetried,
}: {
  conversation: Conversation
  /** The button that was pressed is gone; the caret belongs where one writes. */
  onRetried: () => void
}) {
  const { t } = useTranslation('inbox')
  const format = useFormat()
  const query = useInfiniteQuery(messagesQuery(conversation.id))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const name = useName()(conversation)
  const sending = useSending(conversation.id)
  const [why, setWhy] = useState<Message | null>(null)
  const [opened, setOpened] = useState<Citation | null>(null)
  const top = useRef<HTMLDivElement>(null)
  const list = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const items = useMemo(() => threadOf(list, format.day), [list, format])
  const byId = useMemo(() => new Map(list.map((message) => [message.id, message])), [list])

  useEffect(() => {
    const target = top.current
    if (!target || !hasNextPage || typeof IntersectionObserver === 'undefined') return
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && void fetchNextPage(), {
      rootMargin: '300px',
    })
    watch.observe(target)
    return () => watch.disconnect()
  }, [hasNextPage, fetchNextPage])

  if (query.isPending)
    return (
      <div className={classes.messages}>
        <div className={classes.column}>
          <Loading shape="text" count={8} />
        </div>
      </div>
    )
  if (query.isError && list.length === 0)
    return (
      <div className={classes.messages}>
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      </div>
    )
  const today = format.day(Date.now())
  const yesterday = format.day(Date.now() - 86_400_000)
  const dayName = (at: number) => {
    const day = format.day(at)
    return day === today ? t('today') : day === yesterday ? t('yesterday') : day
  }
  return (
    // Turned around, so that the browser itself keeps the newest in sight and the place when earlier ones arrive.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by the keyboard
    <div className={classes.messages} role="log" aria-label={t('thread', { name })} tabIndex={0}>
      <div className={classes.column}>
        <div ref={top} />
        {hasNextPage && (
          <div className={classes.more}>
            <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t('older')}
            </Button>
          </div>
        )}
        {items.map((item) =>
          item.kind === 'day' ? (
            <div key={item.key} className={classes.day}>
              {dayName(item.at)}
            </div>
          ) : (
            <MessageRow
              key={item.key}
              message={item.message}
              lead={item.lead}
              last={item.last}
              repliedTo={item.message.replied_to ? byId.get(item.message.replied_to) : undefined}
              conversationId={conversation.id}
              question={() => questionBefore(list, item.message.id)}
              onWhy={() => setWhy(item.message)}
              onOpen={setOpened}
            />
          ),
        )}
        {sending.map((one) => (
          <Unsent key={one.client_id} sending={one} onRetried={onRetried} />
        ))}
      </div>
      <WhyDrawer message={why} onClose={() => setWhy(null)} onOpen={setOpened} />
      <SourceViewer citation={opened} onClose={() => setOpened(null)} />
    </div>
  )
}

function Unsent({ sending, onRetried }: { sending: Sending; onRetried: () => void }) {
  const { t } = useTranslation('inbox')
  const queries = useQueryClient()
  const failed = sending.error !== null
  return (
    <div className={classes.row} data-side="ours" data-lead="">
      <div className={classes.bubble} data-by="person" data-state={failed ? 'failed' : 'sending'}>
        <p className={classes.words} dir="auto">
          {sending.text}
        </p>
      </div>
      {failed ? (
        <div className={classes.problem} role="alert">
          <span>{sending.error === 'kept' ? t('keptText') : errorText(sending.error)}</span>
          <span className={classes.problemActions}>
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={() => {
                void sendAgain(queries, sending)
                onRetried()
              }}
            >
              {t('sendAgain')}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              onClick={() => {
                discard(sending.client_id)
                onRetried()
              }}
            >
              {t('discard')}
            </Button>
          </span>
        </div>
      ) : (
        <div className={classes.foot}>{t('status.sending')}</div>
      )}
    </div>
  )
}
