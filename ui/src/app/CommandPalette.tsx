// Ctrl/Cmd+K: goes anywhere, does anything, finds conversations and sources.
import { Spotlight, spotlight } from '@mantine/spotlight'
import '@mantine/spotlight/styles.layer.css'
import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import {
  IconBrandWhatsapp,
  IconFileText,
  IconFileUpload,
  IconKeyboard,
  IconMessage,
  IconMessageCirclePlus,
  IconMoonStars,
  IconSearch,
  IconSettings,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get } from '@/api/client'
import { sourcesQuery } from '@/api/queries'
import type { ConversationSummary, Page } from '@/api/types'
import classes from './CommandPalette.module.css'
import { places } from './places'

type Entry = { id: string; label: string; description?: string; icon: ReactNode; run: () => void }

const matches = (text: string, words: string[]) => words.every((word) => text.toLowerCase().includes(word))

export function CommandPalette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { setColorScheme, colorScheme } = useMantineColorScheme()
  const [query, setQuery] = useState('')
  const [settled] = useDebouncedValue(query.trim(), 150)
  useEffect(() => spotlight.open(), [])

  const conversations = useQuery({
    queryKey: ['conversations', 'search', settled],
    queryFn: ({ signal }) =>
      get<Page<ConversationSummary>>('/conversations', { filter: 'all', search: settled, limit: 6 }, signal),
    enabled: settled.length > 1,
    placeholderData: (previous) => previous,
  })
  const sources = useQuery({ ...sourcesQuery, enabled: settled.length > 1 })

  const go = (to: string) => () => void navigate({ to })
  const actions: Entry[] = [
    {
      id: 'add',
      label: t('palette:addKnowledge'),
      icon: <IconFileUpload size={20} stroke={1.6} />,
      run: go('/knowledge?add=file'),
    },
    {
      id: 'webchat',
      label: t('palette:addWebchat'),
      icon: <IconMessageCirclePlus size={20} stroke={1.6} />,
      run: go('/settings/channels'),
    },
    {
      id: 'whatsapp',
      label: t('palette:connectWhatsapp'),
      icon: <IconBrandWhatsapp size={20} stroke={1.6} />,
      run: go('/settings/channels'),
    },
    {
      id: 'address',
      label: t('palette:publicAddress'),
      icon: <IconSettings size={20} stroke={1.6} />,
      run: go('/settings/address'),
    },
    {
      id: 'models',
      label: t('palette:models'),
      icon: <IconSettings size={20} stroke={1.6} />,
      run: go('/settings/answers'),
    },
    {
      id: 'scheme',
      label: t(colorScheme === 'dark' ? 'palette:light' : 'palette:dark'),
      icon: <IconMoonStars size={20} stroke={1.6} />,
      run: () => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark'),
    },
    { id: 'keys', label: t('keyHelp'), icon: <IconKeyboard size={20} stroke={1.6} />, run: onHelp },
  ]
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const groups: { title: string; entries: Entry[] }[] = [
    {
      title: t('searchPlaces'),
      entries: places
        .map((place) => ({
          id: place.to,
          label: t(place.label),
          icon: <place.icon size={20} stroke={1.6} />,
          run: go(place.to),
        }))
        .filter((entry) => matches(entry.label, words)),
    },
    { title: t('searchActions'), entries: actions.filter((entry) => matches(entry.label, words)) },
    {
      title: t('searchConversations'),
      entries:
        settled.length > 1
          ? (conversations.data?.items ?? []).slice(0, 6).map((found) => ({
              id: found.id,
              label:
                found.contact.name ||
                found.contact.handle ||
                t(found.channel.kind === 'webchat' ? 'visitor' : 'somebody'),
              description: found.preview,
              icon: <IconMessage size={20} stroke={1.6} />,
              run: go(`/inbox/${found.id}`),
            }))
          : [],
    },
    {
      title: t('searchSources'),
      entries:
        settled.length > 1
          ? (sources.data?.items ?? [])
              .filter((source) => matches(`${source.title} ${source.origin ?? ''}`, words))
              .slice(0, 6)
              .map((source) => ({
                id: source.id,
                label: source.title,
                icon: <IconFileText size={20} stroke={1.6} />,
                run: go(`/knowledge/${source.id}`),
              }))
          : [],
    },
  ].filter((group) => group.entries.length > 0)

  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      shortcut={null}
      scrollable
      maxHeight={440}
      centered={false}
      yOffset="14vh"
      overlayProps={{ blur: 0, backgroundOpacity: 0.4 }}
      classNames={{ search: classes.search ?? '', actionsGroup: classes.group ?? '' }}
    >
      <Spotlight.Search
        placeholder={t('searchHint')}
        aria-label={t('search')}
        leftSection={<IconSearch size={20} stroke={1.6} />}
      />
      <Spotlight.ActionsList>
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group.title} label={group.title}>
            {group.entries.map((entry) => (
              <Spotlight.Action
                key={entry.id}
                label={entry.label}
                {...(entry.description ? { description: entry.description } : {})}
                leftSection={entry.icon}
                highlightQuery={false}
                onClick={entry.run}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && <Spotlight.Empty>{t('searchNothing')}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}
