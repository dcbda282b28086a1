// The state of the public address in one sentence, the address to copy, and how well it is reached.
import { Button, Loader, VisuallyHidden } from '@mantine/core'
import type { ReactNode } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import type { PublicAddress, Tunnel } from '@/api/types'
import { CopyField } from '@/components/CopyField'
import { errorText } from '@/components/errorText'
import { Tag } from '@/components/Tag'
import { Ago, Stamp } from '@/components/Time'
import { useFormat } from '@/components/useFormat'
import classes from './Address.module.css'
import { stateOf } from './state'
import { useProve, useRestart } from './useAddress'

/** `check` takes the place of “Check now” where a check tells somebody else too. */
export function AddressStatus({ address, check }: { address: PublicAddress; check?: ReactNode }) {
  const { t } = useTranslation('address')
  const prove = useProve()
  const restart = useRestart()
  const { tunnel, url } = address
  const { key, tone, sentence, fix } = stateOf(address)
  const error = prove.error ?? restart.error
  const canCheck = url !== null && (!tunnel || tunnel.state === 'up')
  return (
    <div className={classes.stack}>
      <div className={classes.state}>
        <div role="status" className={classes.sentence}>
          <Tag tone={tone}>{t(key)}</Tag>
          <p>
            {sentence || t('nothing')} {fix && <strong>{fix}</strong>}
          </p>
        </div>
        {tone === 'working' && <Loader size={18} aria-hidden />}
      </div>
      {url && <CopyField label={t('label')} value={url} />}
      <Facts address={address} />
      {(canCheck || tunnel) && (
        <div className={classes.inline}>
          {canCheck &&
            (check ?? (
              <Button variant="default" loading={prove.isPending} onClick={() => prove.mutate()}>
                {t('checkNow')}
              </Button>
            ))}
          {tunnel && (
            <Button
              variant={tunnel.state === 'waiting' ? 'filled' : 'default'}
              loading={restart.isPending}
              onClick={() => restart.mutate()}
            >
              {t(`again.${tunnel.state}`)}
            </Button>
          )}
        </div>
      )}
      <VisuallyHidden role="status">
        {prove.isPending ? t('checking') : prove.isSuccess ? t('checked', { state: t(key) }) : ''}
      </VisuallyHidden>
      {error && (
        <p className={classes.note} role="alert">
          <strong>{errorText(error)}</strong>
        </p>
      )}
      {tunnel && tunnel.lines.length > 0 && <Lines tunnel={tunnel} />}
    </div>
  )
}

function Facts({ address }: { address: PublicAddress }) {
  const { t } = useTranslation('address')
  const format = useFormat()
  const { tunnel, proven_at: at, round_trip_ms: trip, reachable_today: share, round_trip_p50_ms: usual } = address
  const facts: [string, ReactNode][] = []
  if (address.state !== 'none' && at !== null)
    facts.push([
      'at',
      <Trans
        key="at"
        t={t}
        i18nKey={trip === null ? 'reached' : 'reachedIn'}
        values={{ time: format.moment(trip ?? 0) }}
        components={[<span key="0" />, <Ago key="1" at={at} />]}
      />,
    ])
  if (share !== null && address.checks_today > 0) {
    // Rounded down: one failure among a thousand is not “always”.
    const values = { share: format.percent(Math.floor(share * 100 + 1e-6) / 100), count: address.checks_today }
    facts.push(['today', usual === null ? t('today', values) : t('todayIn', { ...values, time: format.moment(usual) })])
  }
  if (tunnel?.state === 'waiting' && tunnel.until)
    // A minute is as exact as a clock without seconds can be.
    facts.push([
      'until',
      tunnel.until - Date.now() < 60_000 ? t('soon') : t('until', { time: format.clock(tunnel.until) }),
    ])
  else if (tunnel)
    facts.push([
      'since',
      <Trans
        key="since"
        t={t}
        i18nKey={`since.${tunnel.state}`}
        components={[<span key="0" />, <Stamp key="1" at={tunnel.since} />]}
      />,
    ])
  if (tunnel && tunnel.restarts > 0) facts.push(['restarts', t('restarts', { count: tunnel.restarts })])
  if (facts.length === 0) return null
  return (
    <ul className={classes.facts}>
      {facts.map(([id, words]) => (
        <li key={id}>{words}</li>
      ))}
    </ul>
  )
}

function Lines({ tunnel }: { tunnel: Tunnel }) {
  const { t } = useTranslation('address')
  return (
    <details className={classes.more}>
      <summary>{t('lines')}</summary>
      <CopyField label={t('linesLabel')} value={tunnel.lines.join('\n')} />
    </details>
  )
}
