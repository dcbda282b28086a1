// The inbox: the list, the thread and the person; on a phone one of them at a time.
import { Drawer } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { offerUndo } from '@/components/notice'
import { Page } from '@/components/Page'
import { EmptyState } from '@/components/States'
import { useShortcuts } from '@/lib/shortcuts'
import { ConversationList } from './ConversationList'
import classes from './Inbox.module.css'
import { PersonPane } from './PersonPane'
import { changeConversation, conversationsQuery } from './queries'
import { Thread } from './Thread'
import { neighbour } from './thread'
import type { Conversation, Filter } from './types'

export function InboxPage() {
  const { t } = useTranslation('inbox')
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { conversationId: open } = useParams({ strict: false }) as { conversationId?: string }
  const { filter = 'open', q = '' } = useSearch({ strict: false }) as { filter?: Filter; q?: string }
  const list = useInfiniteQuery(conversationsQuery(filter, q))
  const wide = useMediaQuery('(min-width: 1280px)', false, { getInitialValueInEffect: false })
  const phone = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  const [about, setAbout] = useState(false)
  const composer = useRef<HTMLTextAreaElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const ids = items.map((item) => item.id)

  useEffect(() => {
    document.title = `${t('place')} · ${t('common:product')}`
  }, [t])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation closes the drawer of the last one
  useEffect(() => setAbout(false), [open])

  // What is filtered and looked for stays while one walks through the conversations.
  const kept = { ...(filter === 'open' ? {} : { filter }), ...(q ? { q } : {}) }
  const go = (id: string | null) => {
    if (!id) return
    void navigate({ to: '/inbox/$conversationId', params: { conversationId: id }, search: kept })
  }
  const back = () => void navigate({ to: '/inbox', search: kept })

  const resolve = async (conversation: Pick<Conversation, 'id' | 'status'>) => {
    const done = conversation.status === 'open'
    const following = neighbour(ids, conversation.id, 1)
    // Where done ones leave the list, the next one takes the place; on a phone the list does.
    if (done && filter !== 'all') {
      if (phone || !following) back()
      else go(following)
    }
    const worked = await changeConversation(queries, conversation.id, { status: done ? 'resolved' : 'open' })
    if (worked && done) offerUndo(t('resolved'), () => changeConversation(queries, conversation.id, { status: 'open' }))
  }

  const current = items.find((item) => item.id === open)
  useShortcuts(t('keys.title'), [
    { keys: 'j', label: t('keys.next'), run: () => go(neighbour(ids, open, 1)) },
    { keys: 'k', label: t('keys.previous'), run: () => go(neighbour(ids, open, -1)) },
    { keys: 'r', label: t('keys.reply'), run: () => composer.current?.focus() },
    { keys: 'e', label: t('keys.resolve'), run: () => current && void resolve(current) },
    {
      keys: 't',
      label: t('keys.mode'),
      run: () =>
        current && void changeConversation(queries, current.id, { mode: current.mode === 'bot' ? 'person' : 'bot' }),
    },
    { keys: '/', label: t('keys.search'), run: () => search.current?.focus() },
    { keys: 'u', label: t('keys.back'), run: back },
  ])

  return (
    <Page size="full">
      <div className={classes.inbox} data-open={open ? '' : undefined}>
        <ConversationList query={list} items={items} open={open} filter={filter} search={q} searchRef={search} />
        <section className={classes.middle}>
          {open ? (
            <Thread
              key={open}
              id={open}
              composer={composer}
              onBack={back}
              onResolve={resolve}
              {...(wide ? {} : { onAbout: () => setAbout(true) })}
            />
          ) : (
            items.length > 0 && <EmptyState picture="inbox" title={t('choose')} text={t('chooseText')} />
          )}
        </section>
        {open && wide && (
          <aside className={classes.side} aria-label={t('person.title')}>
            <PersonPane id={open} />
          </aside>
        )}
        <Drawer
          opened={about && Boolean(open) && !wide}
          onClose={() => setAbout(false)}
          position="right"
          size={340}
          title={t('person.title')}
        >
          {open && <PersonPane id={open} />}
        </Drawer>
      </div>
    </Page>
  )
}
