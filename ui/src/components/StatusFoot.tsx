// The small status at the foot of the rail; a click explains it in sentences.
import { Popover, UnstyledButton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useStatus } from '@/api/queries'
import type { Status } from '@/api/types'
import { useConnection } from '@/lib/connection'
import classes from './StatusFoot.module.css'
import { Dot, type Tone } from './Tag'

type Line = { id: string; name: string; tone: Tone; text: string; to: string }

export function statusLines(status: Status, t: (key: string, values?: Record<string, unknown>) => string) {
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
      tone: address.state === 'proven' ? 'ok' : address.state === 'failed' ? 'attention' : 'off',
      text: t(`status.address_${address.state}`),
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

export function StatusFoot({ narrow }: { narrow?: boolean }) {
  const { t } = useTranslation()
  const { data: status } = useStatus()
  const { api } = useConnection()
  if (!status && api === 'ok') return null
  const lines = status ? statusLines(status, t) : []
  const worst: Tone =
    api === 'unreachable'
      ? 'danger'
      : lines.some((line) => line.tone === 'attention')
        ? 'attention'
        : lines.some((line) => line.tone === 'working')
          ? 'working'
          : 'ok'
  const word = {
    ok: t('status.allWell'),
    off: t('status.allWell'),
    working: t('status.working'),
    attention: t('status.attention'),
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
