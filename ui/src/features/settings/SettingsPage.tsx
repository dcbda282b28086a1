// Settings: its pages beside the one that is open.
import {
  IconAntenna,
  IconBuildingStore,
  IconDeviceLaptop,
  IconInfoCircle,
  IconMail,
  IconMessages,
  IconPalette,
  IconSparkles,
} from '@tabler/icons-react'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useInSight } from '@/components/useInSight'
import classes from './Settings.module.css'

const PAGES = [
  { to: '/settings/business', id: 'business', icon: IconBuildingStore },
  { to: '/settings/channels', id: 'channels', icon: IconMessages },
  { to: '/settings/address', id: 'address', icon: IconAntenna },
  { to: '/settings/answers', id: 'answers', icon: IconSparkles },
  { to: '/settings/services', id: 'services', icon: IconMail },
  { to: '/settings/look', id: 'look', icon: IconPalette },
  { to: '/settings/computer', id: 'computer', icon: IconDeviceLaptop },
  { to: '/settings/about', id: 'about', icon: IconInfoCircle },
] as const

export function SettingsPage() {
  const { t } = useTranslation('settings')
  const { pathname } = useLocation()
  // On a phone the pages stand in one row.
  const links = useInSight<HTMLDivElement>(pathname)
  return (
    <div className={classes.frame}>
      <nav className={classes.nav} aria-label={t('place')}>
        <h2 className={classes.navTitle}>{t('place')}</h2>
        <div ref={links} className={`${classes.links} fading`}>
          {PAGES.map((page) => (
            <Link key={page.id} to={page.to} className={classes.link}>
              <page.icon size={18} stroke={1.6} aria-hidden />
              {t(`nav.${page.id}`)}
            </Link>
          ))}
        </div>
      </nav>
      <div className={classes.content}>
        <Outlet />
      </div>
    </div>
  )
}
