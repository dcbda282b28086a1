// Says when a line is cut, and what still works.
import { IconCloudOff, IconPlugConnectedX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useConnection } from '@/lib/connection'
import classes from './OfflineBanner.module.css'

/** A line that drops for a moment is no news: wait before saying so. */
const PATIENCE_MS = 4_000

export function OfflineBanner() {
  const { t } = useTranslation()
  const { device, api, events } = useConnection()
  const down = api === 'unreachable' || events === 'closed'
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!down) return setLate(false)
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [down])

  const kind = down && late ? 'program' : !device ? 'device' : null
  if (!kind) return null
  const Icon = kind === 'program' ? IconPlugConnectedX : IconCloudOff
  return (
    <div className={classes.banner} role="status">
      <Icon size={20} stroke={1.6} aria-hidden className={classes.icon} />
      <div>
        <strong>{t(`offline.${kind}`)}.</strong> {t(`offline.${kind}Text`)}
      </div>
    </div>
  )
}
