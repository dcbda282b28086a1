// The parts of the place, as addresses.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { homeQuery } from '@/api/queries'
import { Count } from '@/components/Tag'
import { useInSight } from '@/components/useInSight'
import classes from './Knowledge.module.css'

export function KnowledgeTabs({ here }: { here: 'sources' | 'gaps' | 'answers' }) {
  const { t } = useTranslation('knowledge')
  const row = useInSight<HTMLElement>(here)
  const home = useQuery({ ...homeQuery, enabled: false })
  const gaps = home.data?.today.unanswered_questions ?? 0
  const tabs = [
    { name: 'sources', to: '/knowledge' },
    { name: 'gaps', to: '/knowledge/gaps' },
    { name: 'answers', to: '/knowledge/answers' },
  ] as const
  return (
    <nav ref={row} className={`${classes.tabs} fading`} aria-label={t('tabs')}>
      {tabs.map(({ name, to }) => (
        <Link
          key={name}
          to={to as '/'}
          className={classes.tab}
          data-active={name === here || undefined}
          aria-current={name === here ? 'page' : undefined}
        >
          {t(name === 'gaps' ? 'gapsTab' : name)}
          {name === 'gaps' && gaps > 0 && <Count value={gaps} />}
        </Link>
      ))}
    </nav>
  )
}
