// The rail, the place, and on phones the bar at the bottom.
import { Outlet, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { KeyHelp } from '@/components/KeyHelp'
import { OfflineBanner } from '@/components/OfflineBanner'
import { onSearch } from '@/lib/search'
import { useShortcuts } from '@/lib/shortcuts'
import { BottomBar } from './BottomBar'
import { places } from './places'
import { Rail } from './Rail'
import classes from './Shell.module.css'

const CommandPalette = lazy(() => import('./CommandPalette').then((m) => ({ default: m.CommandPalette })))

const NARROW = 'botflow.rail'

export function Shell() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [narrow, setNarrow] = useState(() => localStorage.getItem(NARROW) === 'narrow')
  const [palette, setPalette] = useState(false)
  const [help, setHelp] = useState(false)
  useEffect(() => onSearch(() => setPalette(true)), [])
  useShortcuts(t('keysEverywhere'), [
    { keys: 'mod+k', label: t('keySearch'), run: () => setPalette((open) => !open), whileTyping: true },
    { keys: '?', label: t('keyHelp'), run: () => setHelp(true) },
    ...places.map((place) => ({
      keys: `g ${place.key}`,
      label: t('keyGo', { place: t(place.label) }),
      run: () => void navigate({ to: place.to }),
    })),
  ])
  const toggle = () => {
    localStorage.setItem(NARROW, narrow ? 'wide' : 'narrow')
    setNarrow(!narrow)
  }
  return (
    <div className={classes.shell} data-narrow={narrow || undefined}>
      <a href="#content" className={classes.skip}>
        {t('skip')}
      </a>
      <Rail narrow={narrow} onToggle={toggle} onSearch={() => setPalette(true)} onHelp={() => setHelp(true)} />
      <div className={classes.column}>
        <OfflineBanner />
        <main id="content" tabIndex={-1} className={classes.main}>
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <KeyHelp opened={help} onClose={() => setHelp(false)} />
      {palette && (
        <Suspense fallback={null}>
          <CommandPalette onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />
        </Suspense>
      )}
    </div>
  )
}
