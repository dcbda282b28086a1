// Which sources this bot answers from.
import { Button, Switch } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { patch } from '@/api/client'
import { sourcesQuery } from '@/api/queries'
import type { Bot, Source } from '@/api/types'
import { tellError } from '@/components/notice'
import { Panel, Row } from '@/components/Panel'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { SourceIcon } from '@/components/sources/SourceProgress'
import classes from './Bots.module.css'

export function KnowledgeTab({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots')
  const query = useQuery(sourcesQuery)
  const open = (
    <Button variant="default" renderRoot={(props) => <Link {...props} to={'/knowledge' as '/'} />}>
      {t('toKnowledge')}
    </Button>
  )
  return (
    <QueryView query={query} loading={<Loading count={4} />}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState picture="knowledge" title={t('knowledgeNone')} text={t('knowledgeNoneText')} action={open} />
        ) : (
          <>
            <p className={classes.lead}>{t('knowledgeLead')}</p>
            <Panel flush>
              {items.map((source) => (
                <SourceRow key={source.id} source={source} bot={bot} />
              ))}
            </Panel>
            <div className={classes.buttons} style={{ marginBlockStart: 16 }}>
              {open}
            </div>
          </>
        )
      }
    </QueryView>
  )
}

function SourceRow({ source, bot }: { source: Source; bot: Bot }) {
  const { t } = useTranslation('bots')
  const queries = useQueryClient()
  // No list, or an empty one, means all bots; so the last of a list cannot simply be taken out.
  const all = source.bot_ids === null || source.bot_ids.length === 0
  const only = source.bot_ids?.length === 1 && source.bot_ids[0] === bot.id
  const uses = all || source.bot_ids?.includes(bot.id) === true
  const change = async (on: boolean) => {
    const others = (source.bot_ids ?? []).filter((id) => id !== bot.id)
    const bot_ids = on ? [...others, bot.id] : others
    queries.setQueryData(sourcesQuery.queryKey, (now) =>
      now ? { ...now, items: now.items.map((item) => (item.id === source.id ? { ...item, bot_ids } : item)) } : now,
    )
    try {
      await patch(`/sources/${source.id}`, { bot_ids })
    } catch (error) {
      tellError(error)
    } finally {
      void queries.invalidateQueries({ queryKey: ['sources'] })
    }
  }
  return (
    <Row
      icon={<SourceIcon kind={source.kind} />}
      title={<bdi>{source.title}</bdi>}
      text={
        source.state === 'ready'
          ? t('sources:passages', { count: source.passages })
          : t(`sources:state.${source.state}`)
      }
      end={
        all || only ? (
          <span className={classes.quiet}>{t(all ? 'usesAll' : 'usesOnly')}</span>
        ) : (
          <Switch
            checked={uses}
            onChange={(event) => void change(event.currentTarget.checked)}
            aria-label={t('usesToggle', { bot: bot.name, title: source.title })}
          />
        )
      }
    />
  )
}
