// One bot: its flows first, then its words, what it knows, where it lives, and how it behaves.
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Page, PageHeader } from '@/components/Page'
import { ErrorState, Loading } from '@/components/States'
import { useInSight } from '@/components/useInSight'
import { BotMenu, BotSwitch } from './BotCard'
import classes from './Bots.module.css'
import { ChannelsTab } from './ChannelsTab'
import { KnowledgeTab } from './KnowledgeTab'
import { botQuery } from './queries'
import { SettingsTab } from './SettingsTab'
import { TABS, type Tab } from './types'
import { WordsTab } from './WordsTab'

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
            <Outlet />
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
