// Home: the day in one line, what waits, what nobody has taught yet, and whether all is well.
import { ActionIcon, Skeleton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { homeQuery, useBusiness, useSession } from '@/api/queries'
import { Page, PageHeader } from '@/components/Page'
import { QueryView, Waiting } from '@/components/States'
import { openSearch } from '@/lib/search'
import { DayLine } from './DayLine'
import { GapsCard } from './GapsCard'
import classes from './Home.module.css'
import { NoticesCard } from './NoticesCard'
import { HealthCard, KnowledgeCard, LivesCard } from './SideCards'
import { StartCard } from './StartCard'
import { WaitingCard } from './WaitingCard'

function partOfDay(timezone: string | undefined): 'morning' | 'afternoon' | 'evening' {
  let hour = new Date().getHours()
  try {
    const text = new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', timeZone: timezone }).format()
    hour = Number.parseInt(text, 10)
  } catch {
    // An unknown time zone: the clock of this device will do.
  }
  return hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening'
}

export function HomePage() {
  const { t } = useTranslation('home')
  const home = useQuery(homeQuery)
  const { data: session } = useSession()
  const { data: business } = useBusiness()
  // A new business begins with the first ten minutes; they can be left at any time.
  if (business && !business.setup_done) return <Navigate to="/start" replace />
  const name = session?.user?.name.split(' ')[0] ?? ''
  return (
    <Page>
      <PageHeader
        title={t(partOfDay(business?.timezone), { name })}
        lead={home.data ? <DayLine today={home.data.today} /> : home.isPending ? '\u00a0' : undefined}
        actions={
          <ActionIcon
            className={classes.search ?? ''}
            variant="default"
            aria-label={t('common:search')}
            onClick={openSearch}
          >
            <IconSearch size={20} stroke={1.6} />
          </ActionIcon>
        }
      />
      <QueryView query={home} loading={<Coming />}>
        {(data) => (
          <div className={classes.columns}>
            <div className={classes.main}>
              <StartCard checklist={data.checklist} />
              <NoticesCard notices={data.notices} total={data.today.notices} />
              <WaitingCard waiting={data.waiting} total={data.today.waiting} />
              <GapsCard gaps={data.gaps} />
            </div>
            <div className={classes.side}>
              <LivesCard channels={data.channels} />
              <KnowledgeCard sources={data.sources} />
              <HealthCard />
            </div>
          </div>
        )}
      </QueryView>
    </Page>
  )
}

/** The cards that will come, where they will stand. */
function Coming() {
  return (
    <Waiting>
      <div className={classes.columns}>
        <div className={classes.main}>
          <Skeleton height={104} mb="md" />
          <Skeleton height={260} />
        </div>
        <div className={classes.side}>
          <Skeleton height={120} mb="md" />
          <Skeleton height={280} />
        </div>
      </div>
    </Waiting>
  )
}
