// One bot: its flow first, then its words, what it knows, where it lives, and how it behaves.
import { SegmentedControl } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Bot } from '@/api/types'
import { Page, PageHeader } from '@/components/Page'
import { EmptyState, ErrorState, Loading, QueryView } from '@/components/States'
import { useInSight } from '@/components/useInSight'
import { BotMenu, BotSwitch } from './BotCard'
import classes from './Bots.module.css'
import { ChannelsTab } from './ChannelsTab'
import { FlowOutline } from './FlowOutline'
import { KnowledgeTab } from './KnowledgeTab'
import { botQuery, flowQuery } from './queries'
import { SettingsTab } from './SettingsTab'
import { TABS, type Tab } from './types'
import { WordsTab } from './WordsTab'

// The canvas is large and only this part needs it.
const FlowCanvas = lazy(() => import('./FlowCanvas'))

export function BotPage() {
  const { t } = useTranslation('bots')
  const navigate = useNavigate()
  const { botId = '' } = useParams({ strict: false }) as { botId?: string }
  const { tab = 'flow' } = useSearch({ strict: false }) as { tab?: Tab }
  const query = useQuery(botQuery(botId))
  const row = useInSight<HTMLElement>(tab)
  const back = { to: '/bots', label: t('back') }
  if (query.isError && !query.data)
    return (
      <Page>
        <PageHeader title={t('place')} back={back} />
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      </Page>
    )
  const bot = query.data
  return (
    <Page size="full">
      <div className={classes.bot}>
        <div className={classes.botHead}>
          <PageHeader
            title={bot?.name ?? '…'}
            back={back}
            {...(bot?.description ? { lead: bot.description } : {})}
            actions={
              bot && (
                <>
                  <BotSwitch bot={bot} />
                  <BotMenu bot={bot} onRemoved={() => void navigate({ to: '/bots' as '/' })} />
                </>
              )
            }
          />
          <nav ref={row} className={`${classes.tabs} fading`} aria-label={t('tabsLabel')}>
            {TABS.map((name) => (
              <Link
                key={name}
                to={`/bots/${botId}` as '/'}
                search={(name === 'flow' ? {} : { tab: name }) as never}
                className={classes.tab}
                data-active={name === tab || undefined}
                aria-current={name === tab ? 'page' : undefined}
              >
                {t(`tabs.${name}`)}
              </Link>
            ))}
          </nav>
        </div>
        <div className={classes.part}>
          {!bot ? (
            <div className={classes.narrow}>
              <Loading shape="form" count={4} />
            </div>
          ) : tab === 'flow' ? (
            <FlowTab bot={bot} />
          ) : (
            <div className={classes.narrow}>
              {tab === 'words' && <WordsTab bot={bot} />}
              {tab === 'knowledge' && <KnowledgeTab bot={bot} />}
              {tab === 'channels' && <ChannelsTab bot={bot} />}
              {tab === 'settings' && <SettingsTab bot={bot} />}
            </div>
          )}
        </div>
      </div>
    </Page>
  )
}

function FlowTab({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots')
  const query = useQuery(flowQuery(bot.id))
  const narrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  const [chosen, setShape] = useState<'drawing' | 'list' | null>(null)
  const shape = chosen ?? (narrow ? 'list' : 'drawing')
  const loading = (
    <div className={classes.narrow}>
      <Loading shape="cards" count={3} />
    </div>
  )
  return (
    <QueryView query={query} loading={loading}>
      {(view) =>
        view.flow.steps.length === 0 ? (
          <EmptyState picture="bot" title={t('flowEmpty')} />
        ) : (
          <div className={classes.flow}>
            <div className={classes.flowLead}>
              <span>{t('flowLead')}</span>
              {view.findings.length > 0 && (
                <span className={classes.finding}>{t('findings', { count: view.findings.length })}</span>
              )}
              <SegmentedControl
                className={classes.shape ?? ''}
                size="xs"
                value={shape}
                onChange={(value) => setShape(value as 'drawing' | 'list')}
                aria-label={t('shape')}
                data={[
                  { value: 'drawing', label: t('drawing') },
                  { value: 'list', label: t('list') },
                ]}
              />
            </div>
            {shape === 'list' ? (
              <FlowOutline view={view} />
            ) : (
              <Suspense fallback={loading}>
                <FlowCanvas view={view} />
              </Suspense>
            )}
          </div>
        )
      }
    </QueryView>
  )
}
