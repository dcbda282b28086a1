// The clock that obeys: what the flow waits for, letting time pass, and stepping back and forth through what was tried.
import { ActionIcon, Button, Popover, Select, TextInput, Tooltip } from '@mantine/core'
import { IconArrowBackUp, IconArrowForwardUp, IconClockPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import { titleOf } from '../steps'
import type { Action, Kind, Simulated } from '../types'
import type { Places } from './places'
import classes from './Simulator.module.css'
import { type Book, back, canGoBack, canGoForward, forward, switchTake } from './script'
import { fromField, nextAt, toField } from './times'
import { useZone } from './useZone'

const HOUR_MS = 3_600_000

export function ClockBar({
  book,
  result,
  places,
  kinds,
  onChange,
  onAct,
}: {
  book: Book
  result: Simulated | null
  places: Places
  kinds: Kind[]
  onChange: (change: (book: Book) => Book) => void
  onAct: (action: Action) => void
}) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const now = result?.now ?? book.setup.start_at
  const waits = result?.waits
  const step = waits ? places.stepOf(waits.step) : undefined
  const title = step
    ? titleOf(
        step,
        kinds.find((kind) => kind.name === step.kind),
      )
    : t('waits.somewhere')
  const weekday = new Intl.DateTimeFormat(format.tag, { weekday: 'short', timeZone: useZone() }).format(now)
  return (
    <div className={classes.clockBar}>
      <div className={classes.steps}>
        <Tooltip label={`${t('back')} [`}>
          <ActionIcon aria-label={t('back')} disabled={!canGoBack(book)} onClick={() => onChange(back)}>
            <IconArrowBackUp size={18} stroke={1.6} className={classes.turned} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={`${t('forward')} ]`}>
          <ActionIcon aria-label={t('forward')} disabled={!canGoForward(book)} onClick={() => onChange(forward)}>
            <IconArrowForwardUp size={18} stroke={1.6} className={classes.turned} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.clock} aria-live="polite">
        <strong>
          <time dateTime={new Date(now).toISOString()} title={format.full(now)}>
            {weekday} {format.clock(now)}
          </time>
        </strong>
        {waits && (
          <span className={classes.waits}>
            {t(`waits.${waits.for}${waits.until ? '_until' : ''}`, {
              title,
              until: waits.until ? format.stamp(waits.until, now) : '',
              defaultValue: t(`waits.${waits.for}`, { title }),
            })}
          </span>
        )}
        {book.setup.channel === 'whatsapp' && result && (
          <span className={classes.waits}>{t(result.window_open ? 'window.open' : 'window.closed')}</span>
        )}
      </div>
      {book.takes.length > 1 && (
        <Select
          size="xs"
          className={classes.takes ?? ''}
          aria-label={t('takes')}
          data={book.takes.map((take, i) => ({ value: String(take.id), label: t('take', { number: i + 1 }) }))}
          value={String(book.take)}
          onChange={(id) => id && onChange((all) => switchTake(all, Number(id)))}
        />
      )}
      <Passing now={now} started={result !== null} whatsapp={book.setup.channel === 'whatsapp'} onAct={onAct} />
    </div>
  )
}

function Passing({
  now,
  started,
  whatsapp,
  onAct,
}: {
  now: number
  started: boolean
  whatsapp: boolean
  onAct: (action: Action) => void
}) {
  const { t } = useTranslation('flowtries')
  const zone = useZone()
  const [open, setOpen] = useState(false)
  const [until, setUntil] = useState('')
  const chosen = fromField(until, zone)
  const pass = (action: Action) => {
    setOpen(false)
    onAct(action)
  }
  const jumps: [string, number][] = [
    ['minutes', 5 * 60_000],
    ['hour', HOUR_MS],
    ['morning', nextAt(now, '09:00', zone) - now],
    [
      'night',
      nextAt(now, '23:30', zone, 0) > now ? nextAt(now, '23:30', zone, 0) - now : nextAt(now, '23:30', zone) - now,
    ],
    ...(whatsapp ? ([['window', 25 * HOUR_MS]] as [string, number][]) : []),
    ['week', 7 * 24 * HOUR_MS],
  ]
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="top-end"
      shadow="md"
      trapFocus
      returnFocus
      onOpen={() => setUntil(toField(now + HOUR_MS, zone))}
    >
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconClockPlay size={16} stroke={1.6} />}
          aria-expanded={open}
          onClick={() => setOpen((is) => !is)}
        >
          {t('pass.label')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.passing ?? ''}>
        <Button variant="light" disabled={!started} onClick={() => pass({ do: 'until_next' })}>
          {t('pass.next')}
        </Button>
        <p className={classes.small}>{t('pass.nextText')}</p>
        <div className={classes.jumps}>
          {jumps.map(([name, ms]) => (
            <Button key={name} size="compact-sm" variant="default" onClick={() => pass({ do: 'pass', ms })}>
              {t(`pass.${name}`)}
            </Button>
          ))}
        </div>
        <form
          className={classes.until}
          onSubmit={(event) => {
            event.preventDefault()
            if (chosen !== null && chosen > now) pass({ do: 'pass', ms: chosen - now })
          }}
        >
          <TextInput
            size="sm"
            type="datetime-local"
            label={t('pass.until')}
            value={until}
            min={toField(now, zone)}
            onChange={(event) => setUntil(event.currentTarget.value)}
            error={chosen === null || chosen > now ? undefined : t('pass.past')}
          />
          <Button type="submit" size="sm" variant="default" disabled={chosen === null || chosen <= now}>
            {t('pass.go')}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
