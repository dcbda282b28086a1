// The bots as cards: what each does, where it lives, how it does, on or off.
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { botsQuery } from '@/api/queries'
import { Page, PageHeader } from '@/components/Page'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { useShortcuts } from '@/lib/shortcuts'
import { BotCard } from './BotCard'
import classes from './Bots.module.css'
import { NewBot } from './NewBot'

export function BotsPage() {
  const { t } = useTranslation('bots')
  const query = useQuery(botsQuery)
  const [making, setMaking] = useState(false)
  useShortcuts(t('place'), [{ keys: 'n', label: t('new'), run: () => setMaking(true) }])
  const make = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      {t('new')}
    </Button>
  )
  const empty = query.data?.items.length === 0
  return (
    <Page>
      <PageHeader title={t('place')} lead={t('lead')} actions={!empty && make} />
      <QueryView query={query} loading={<Loading shape="cards" count={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState picture="bot" title={t('emptyTitle')} text={t('emptyText')} action={make} />
          ) : (
            <ul className={classes.cards}>
              {items.map((bot) => (
                <li key={bot.id}>
                  <BotCard bot={bot} />
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
      <NewBot opened={making} onClose={() => setMaking(false)} />
    </Page>
  )
}
