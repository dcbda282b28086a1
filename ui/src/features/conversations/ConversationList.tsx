// The conversations: which ones, found by words, each with what waits and what is new.
import { ActionIcon, Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch, IconUser, IconX } from '@tabler/icons-react'
import type { UseInfiniteQueryResult } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ChannelIcon } from '@/components/ChannelIcon'
import { Face } from '@/components/Face'
import { EmptyState, ErrorState, Loading } from '@/components/States'
import { Count } from '@/components/Tag'
import { Stamp } from '@/components/Time'
import classes from './Inbox.module.css'
import { FILTERS, type Filter, type Summary } from './types'
import { useName } from './useName'

type Props = {
  query: UseInfiniteQueryResult
  items: Summary[]
  open: string | undefined
  filter: Filter
  search: string
  searchRef: RefObject<HTMLInputElement | null>
}

export function ConversationList({ query, items, open, filter, search, searchRef }: Props) {
  const { t } = useTranslation('inbox')
  const navigate = useNavigate()
  const [text, setText] = useState(search)
  const [settled] = useDebouncedValue(text.trim(), 250)
  useEffect(() => {
    if (settled === search) return
    void navigate({
      to: open ? '/inbox/$conversationId' : '/inbox',
      params: { conversationId: open ?? '' },
      search: { filter, ...(settled ? { q: settled } : {}) },
      replace: true,
    })
  }, [settled, search, open, filter, navigate])

  return (
    <section className={classes.list} aria-label={t('list')}>
      <div className={classes.listHead}>
        <h1 className={classes.listTitle}>{t('place')}</h1>
        <TextInput
          ref={searchRef}
          size="sm"
          aria-label={t('search')}
          placeholder={t('search')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && (text ? setText('') : event.currentTarget.blur())}
          leftSection={<IconSearch size={16} stroke={1.6} />}
          rightSection={
            text ? (
              <ActionIcon size={28} aria-label={t('clear')} onClick={() => setText('')}>
                <IconX size={16} />
              </ActionIcon>
            ) : null
          }
        />
        <nav className={classes.filters} aria-label={t('filter')}>
          {FILTERS.map((name) => (
            <Link
              key={name}
              to="/inbox"
              search={{ filter: name, ...(search ? { q: search } : {}) }}
              className={classes.filter}
              data-active={name === filter || undefined}
              aria-current={name === filter ? 'page' : undefined}
            >
              {t(`filters.${name}`)}
            </Link>
          ))}
        </nav>
      </div>
      <ListBody query={query} items={items} open={open} filter={filter} search={search} />
    </section>
  )
}

function ListBody({ query, items, open, filter, search }: Omit<Props, 'searchRef'>) {
  const { t } = useTranslation('inbox')
  const end = useRef<HTMLDivElement>(null)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    const target = end.current
    if (!target || !hasNextPage || typeof IntersectionObserver === 'undefined') return
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && void fetchNextPage(), {
      rootMargin: '400px',
    })
    watch.observe(target)
    return () => watch.disconnect()
  }, [hasNextPage, fetchNextPage])

  if (query.isPending)
    return (
      <div className={classes.pad}>
        <Loading count={7} />
      </div>
    )
  if (query.isError && items.length === 0)
    return <ErrorState compact error={query.error} retry={() => void query.refetch()} />
  if (items.length === 0) {
    const which = search ? 'search' : filter
    return (
      <EmptyState
        compact
        picture={search ? 'search' : filter === 'waiting' ? 'done' : 'inbox'}
        title={t(`empty.${which}`)}
        text={t(`empty.${which}Text`)}
        action={
          which === 'all' ? (
            <Button variant="default" renderRoot={(props) => <Link {...props} to={'/settings/channels' as '/'} />}>
              {t('connect')}
            </Button>
          ) : (
            which !== 'search' && (
              <Button
                variant="default"
                renderRoot={(props) => <Link {...props} to="/inbox" search={{ filter: 'all' }} />}
              >
                {t('showAll')}
              </Button>
            )
          )
        }
      />
    )
  }
  return (
    <div className={classes.scroll}>
      <ul className={classes.items}>
        {items.map((item) => (
          <li key={item.id} className={classes.entry}>
            <Entry item={item} open={item.id === open} search={{ filter, ...(search ? { q: search } : {}) }} />
          </li>
        ))}
      </ul>
      <div ref={end} />
      {hasNextPage && (
        <div className={classes.more}>
          <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </div>
  )
}

function Entry({ item, open, search }: { item: Summary; open: boolean; search: { filter: Filter; q?: string } }) {
  const { t } = useTranslation('inbox')
  const name = useName()(item)
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (open) link.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  return (
    <Link
      ref={link}
      to="/inbox/$conversationId"
      params={{ conversationId: item.id }}
      search={search}
      className={classes.item}
      data-active={open || undefined}
      data-unread={item.unread > 0 || undefined}
      aria-current={open ? 'true' : undefined}
    >
      <Face
        name={name}
        size={40}
        unknown={!item.contact.name}
        badge={<ChannelIcon kind={item.channel.kind} size={16} />}
      />
      <span className={classes.itemWords}>
        <span className={classes.itemHead}>
          <span className={`${classes.itemName} lined`} dir="auto">
            {name}
          </span>
          <span className={classes.itemTime}>
            <Stamp at={item.last_message_at} />
          </span>
        </span>
        <span className={classes.itemBody}>
          <span className={`${classes.preview} lined`} dir="auto">
            {item.preview}
          </span>
          {item.unread > 0 && (
            <span title={t('unread', { count: item.unread })}>
              <Count value={item.unread} {...(item.waiting ? { tone: 'attention' as const } : {})} />
            </span>
          )}
        </span>
        {/* That the bot answers is the rule; only what is otherwise gets a line. */}
        {(item.waiting || item.mode !== 'bot') && (
          <span className={classes.itemFoot}>
            {item.waiting ? (
              <span className={classes.waits}>{t('waiting')}</span>
            ) : (
              <>
                <IconUser size={16} stroke={1.6} aria-hidden />
                <span>{t('byPerson')}</span>
              </>
            )}
          </span>
        )}
      </span>
    </Link>
  )
}
