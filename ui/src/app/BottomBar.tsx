// The places within reach of a thumb.
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Count } from '@/components/Tag'
import { places } from './places'
import classes from './Shell.module.css'
import { useBadges } from './useBadges'

export function BottomBar() {
  const { t } = useTranslation()
  const badges = useBadges()
  return (
    <nav className={classes.bar} aria-label={t('places')}>
      {places.map((place) => (
        <Link key={place.to} to={place.to} className={classes.barItem} activeOptions={{ exact: place.to === '/' }}>
          <place.icon size={22} stroke={1.6} aria-hidden />
          <span>{t(place.label)}</span>
          {place.badge === 'waiting' && badges.waiting > 0 && (
            <span className={classes.barBadge}>
              <Count value={badges.waiting} tone="attention" />
            </span>
          )}
        </Link>
      ))}
    </nav>
  )
}
