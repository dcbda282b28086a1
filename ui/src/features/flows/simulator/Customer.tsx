// Who talks: on which channel, known or new, when it begins, and what the business knows of them.
import { Button, SegmentedControl, Select, Switch, TextInput } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ChannelIcon } from '@/components/ChannelIcon'
import { useFormat } from '@/components/useFormat'
import { including, languageOptions } from '@/lib/places'
import classes from './Simulator.module.css'
import type { Setup } from './script'
import { fromField, momentText, nextAt, toField } from './times'
import { useZone } from './useZone'
import { ValueList } from './ValueList'

const USUAL = ['name', 'language', 'phone', 'email']
const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

export function CustomerLine({ setup, open, onToggle }: { setup: Setup; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const zone = useZone()
  return (
    <button type="button" className={classes.who} aria-expanded={open} onClick={onToggle}>
      <ChannelIcon kind={setup.channel} size={18} />
      <span className={classes.whoWords}>
        <strong className="lined" dir="auto">
          {textOf(setup.contact.name) || t('who.nobody')}
        </strong>
        <span className={classes.small}>
          {[t(setup.first_contact ? 'who.first' : 'who.known'), momentText(setup.start_at, format.tag, zone)].join(
            ' · ',
          )}
        </span>
      </span>
      <IconChevronDown size={16} className={classes.chevron} data-open={open || undefined} aria-hidden />
    </button>
  )
}

export function CustomerForm({
  setup,
  onChange,
  onDone,
}: {
  setup: Setup
  onChange: (setup: Setup) => void
  onDone: () => void
}) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const zone = useZone()
  // A moment that is being typed is not yet one.
  const [start, setStart] = useState(() => toField(setup.start_at, zone))
  const begin = (at: number) => {
    setStart(toField(at, zone))
    onChange({ ...setup, start_at: at })
  }
  const know = (name: string, value: unknown) => onChange({ ...setup, contact: { ...setup.contact, [name]: value } })
  const language = textOf(setup.contact.language)
  const others = Object.fromEntries(Object.entries(setup.contact).filter(([name]) => !USUAL.includes(name)))
  return (
    <div className={classes.form}>
      <div>
        <div className={classes.label}>{t('who.channel')}</div>
        <SegmentedControl
          fullWidth
          value={setup.channel}
          onChange={(channel) => onChange({ ...setup, channel: channel as Setup['channel'] })}
          aria-label={t('who.channel')}
          data={[
            { value: 'webchat', label: t('who.webchat') },
            { value: 'whatsapp', label: t('who.whatsapp') },
          ]}
        />
      </div>
      <TextInput
        label={t('who.name')}
        maxLength={120}
        value={textOf(setup.contact.name)}
        onChange={(event) => know('name', event.currentTarget.value)}
      />
      <Select
        label={t('who.language')}
        searchable
        data={including(languageOptions(format.tag), language)}
        value={language || null}
        onChange={(value) => know('language', value ?? '')}
      />
      <Switch
        label={t('who.firstLabel')}
        description={t('who.firstHint')}
        checked={setup.first_contact}
        onChange={(event) => onChange({ ...setup, first_contact: event.currentTarget.checked })}
      />
      <div>
        <TextInput
          label={t('who.start')}
          description={t('who.startHint')}
          type="datetime-local"
          value={start}
          onChange={(event) => {
            setStart(event.currentTarget.value)
            const at = fromField(event.currentTarget.value, zone)
            if (at !== null) onChange({ ...setup, start_at: at })
          }}
        />
        <div className={classes.jumps}>
          <Button size="compact-sm" variant="default" onClick={() => begin(Math.floor(Date.now() / 60_000) * 60_000)}>
            {t('who.now')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => begin(nextAt(setup.start_at, '23:30', zone, 0))}>
            {t('who.night')}
          </Button>
        </div>
      </div>
      <Switch
        label={t('who.live')}
        description={t('who.liveHint')}
        checked={setup.live}
        onChange={(event) => onChange({ ...setup, live: event.currentTarget.checked })}
      />
      <TextInput
        label={t('who.phone')}
        type="tel"
        maxLength={40}
        value={textOf(setup.contact.phone)}
        onChange={(event) => know('phone', event.currentTarget.value)}
      />
      <TextInput
        label={t('who.email')}
        type="email"
        maxLength={200}
        value={textOf(setup.contact.email)}
        onChange={(event) => know('email', event.currentTarget.value)}
      />
      <ValueList title={t('who.more')} empty={t('who.moreEmpty')} values={others} onSet={know} />
      <Button onClick={onDone}>{t('who.done')}</Button>
    </div>
  )
}
