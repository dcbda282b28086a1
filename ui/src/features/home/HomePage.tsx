// Home: the day in one line, what waits, what nobody has taught yet, and whether all is well.
import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { homeQuery, useBusiness, useSession } from '@/api/queries'
import { Page, PageHeader } from '@/components/Page'
import { Loading, QueryView } from '@/components/States'
import { DayLine } from './DayLine'
import { GapsCard } from './GapsCard'
import classes from './Home.module.css'
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
        lead={home.data ? <DayLine today={home.data.today} /> : undefined}
      />
      <QueryView query={home} loading={<Loading shape="cards" count={4} />}>
        {(data) => (
          <div className={classes.columns}>
            <div className={classes.main}>
              <StartCard checklist={data.checklist} />
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
