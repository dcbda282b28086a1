// The address that another program calls, and what it sent last.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { publicAddressQuery } from '@/api/queries'
import { CopyField } from '@/components/CopyField'
import { Loading } from '@/components/States'
import { Ago } from '@/components/Time'
import { hookQuery } from '../../api'
import { usePanelScope } from '../../panel/context'
import type { PartProps } from '../../panel/part'
import classes from '../Part.module.css'

/** Data in lines of their own; anything else as it came. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

export default function WebhookPart({ step }: PartProps) {
  const { t } = useTranslation('flowsteps')
  const { botId, flow } = usePanelScope()
  const { data, isError } = useQuery({ ...hookQuery(botId, flow.id, step.id), enabled: botId !== '' })
  const { data: address } = useQuery(publicAddressQuery)
  // A step that was just put down has no address before it is saved.
  if (isError) return <p className={classes.hint}>{t('hook.unsaved')}</p>
  if (!data) return <Loading shape="form" count={1} />
  // The address may change while this is open.
  const url = address === undefined ? data.url : address.url && address.url + data.path
  return (
    <div className={classes.stack}>
      <CopyField label={t('hook.address')} value={url ?? data.path} hint={t('hook.hint')} />
      {!url && (
        <p className={classes.hint}>
          {t('hook.noAddress')} <Link to={'/settings/address' as '/'}>{t('hook.setAddress')}</Link>
        </p>
      )}
      {data.sample ? (
        <details className={classes.sample}>
          <summary>
            {t('hook.sample')} <Ago at={data.sample.at} />
          </summary>
          <pre dir="ltr">{readable(data.sample.body).slice(0, 20_000)}</pre>
        </details>
      ) : (
        <p className={classes.hint}>{t('hook.nothing')}</p>
      )}
    </div>
  )
}
