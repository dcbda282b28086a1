// The small status at the foot of the rail; a click explains it in sentences.
import { Popover, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { publicAddressQuery, useStatus } from '@/api/queries'
import type { PublicAddress, Status } from '@/api/types'
import { useConnection } from '@/lib/connection'
import { stateOf } from './channels/address/state'
import classes from './StatusFoot.module.css'
import { Dot, type Tone } from './Tag'

type Line = { id: string; name: string; tone: Tone; text: string; to: string }

/** `known` is the whole of the public address, which says more than the status does: such as that its tunnel starts. */
export function statusLines(
  status: Status,
  t: (key: string, values?: Record<string, unknown>) => string,
  known?: PublicAddress,
) {
  const { public_address: address, queue, models, disk } = status
  const stuck = queue.failed + queue.set_aside + queue.in_doubt
  const lines: Line[] = [
    {
      id: 'answering',
      name: t('status.answering'),
      tone: status.answering ? 'ok' : 'off',
      text: t(status.answering ? 'status.answeringYes' : 'status.answeringNo'),
      to: '/bots',
    },
    {
      id: 'address',
      name: t('status.address'),
      ...addressLine(known ?? address.state, t),
      to: '/settings/address',
    },
    {
      id: 'queue',
      name: t('status.queue'),
      tone: stuck > 0 ? 'attention' : queue.outgoing > 0 ? 'working' : 'ok',
      text:
        queue.in_doubt > 0
          ? t('status.queueDoubt', { count: queue.in_doubt })
          : stuck > 0
            ? t('status.queueFailed', { count: stuck })
            : queue.outgoing > 0
              ? t('status.queueWaiting', { count: queue.outgoing })
              : t('status.queueEmpty'),
      to: '/inbox',
    },
    {
      id: 'models',
      name: t('status.models'),
      tone:
        models.embedding === 'damaged'
          ? 'attention'
          : models.embedding === 'loading' || models.embedding === 'downloading'
            ? 'working'
            : models.embedding === 'absent'
              ? 'off'
              : 'ok',
      text: t(`status.models_${models.embedding}`),
      to: '/settings/answers',
    },
    {
      id: 'disk',
      name: t('status.disk'),
      tone: disk.low ? 'attention' : 'ok',
      text: t(disk.low ? 'status.diskLow' : 'status.diskFine'),
      to: '/settings/about',
    },
  ]
  return lines
}

function addressLine(known: PublicAddress | Status['public_address']['state'], t: (key: string) => string) {
  if (typeof known === 'string') {
    const tone: Tone = known === 'proven' ? 'ok' : known === 'failed' ? 'attention' : 'off'
    return { tone, text: t(`status.address_${known}`) }
  }
  const { tone, sentence } = stateOf(known)
  const waits = known.tunnel && known.tunnel.state !== 'up'
  return { tone, text: waits ? sentence : t(`status.address_${known.state}`) }
}

/** The lines as they are now; none before anything is known. */
export function useStatusLines(): Line[] {
  const { t } = useTranslation()
  const { data: status } = useStatus()
  const { data: address } = useQuery(publicAddressQuery)
  return status ? statusLines(status, t, address) : []
}

export function StatusFoot({ narrow }: { narrow?: boolean }) {
  const { t } = useTranslation()
  const { data: status } = useStatus()
  const lines = useStatusLines()
  const { api } = useConnection()
  if (!status && api === 'ok') return null
  const troubles = lines.filter((line) => line.tone === 'attention')
  const worst: Tone =
    api === 'unreachable'
      ? 'danger'
      : troubles.length > 0
        ? 'attention'
        : lines.some((line) => line.tone === 'working')
          ? 'working'
          : 'ok'
  const onlyAddress = troubles.length === 1 && troubles[0]?.id === 'address'
  const word = {
    ok: t('status.allWell'),
    off: t('status.allWell'),
    working: t('status.working'),
    attention: t(onlyAddress ? 'status.notReached' : 'status.attention'),
    danger: t('status.notAnswering'),
  }[worst]
  return (
    <Popover position="right-end" width={340} shadow="md" withinPortal>
      <Popover.Target>
        <UnstyledButton className={classes.foot} aria-label={`${t('status.title')}: ${word}`}>
          <Dot tone={worst} />
          {!narrow && <span>{word}</span>}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <StatusList lines={lines} />
        {status && <p className={classes.version}>{t('status.version', { version: status.version })}</p>}
      </Popover.Dropdown>
    </Popover>
  )
}

export function StatusList({ lines }: { lines: Line[] }) {
  return (
    <ul className={classes.list}>
      {lines.map((line) => (
        <li key={line.id} className={classes.line}>
          <span className={classes.dot}>
            <Dot tone={line.tone} />
          </span>
          <span>
            {/* What is well needs no visit; the rest leads to where it is put right. */}
            {line.tone === 'attention' || line.tone === 'off' ? (
              <Link to={line.to as '/'} className={classes.name}>
                {line.name}
              </Link>
            ) : (
              <strong className={classes.name}>{line.name}</strong>
            )}
            <span className={classes.text}>{line.text}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}
