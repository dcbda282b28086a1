// The line for one's website, and the page for those without one; honest when nobody outside can reach it yet.
import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { CopyField } from '@/components/CopyField'
import { Panel } from '@/components/Panel'
import { hostedPage, isLocal } from '@/lib/embed'
import classes from './Channels.module.css'

/** `code` is null as long as there is no address that visitors could reach. */
export function WebchatEmbed({ code }: { code: string | null }) {
  const { t } = useTranslation('channels')
  if (code === null) {
    return (
      <Panel tone="attention">
        {t('noAddress')}{' '}
        <Anchor fw={550} renderRoot={(props) => <Link {...props} to="/settings/address" />}>
          {t('localFix')}
        </Anchor>
      </Panel>
    )
  }
  const page = hostedPage(code)
  return (
    <div className={classes.stack}>
      <CopyField label={t('embed')} value={code} hint={t('embedHint')} />
      {page && <CopyField label={t('hosted')} value={page} hint={t('hostedHint')} />}
      {page && isLocal(page) && (
        <Panel tone="attention">
          {t('localOnly')}{' '}
          <Anchor fw={550} renderRoot={(props) => <Link {...props} to="/settings/address" />}>
            {t('localFix')}
          </Anchor>
        </Panel>
      )}
    </div>
  )
}
