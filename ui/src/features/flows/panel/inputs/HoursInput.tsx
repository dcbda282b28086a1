// Opening hours: each day with its spans, and the days on which nobody is there.
import { ActionIcon, Button, Checkbox, Input, Switch, TextInput, Tooltip } from '@mantine/core'
import { IconCopy, IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import { record } from '../../steps/face'
import { weekday } from '../../steps/words'
import classes from '../Panel.module.css'
import { type InputProps, wrapOf } from './input'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
type Span = [string, string]
const USUAL: Span = ['09:00', '17:00']
const MOST_SPANS = 4

function spansOf(value: unknown): Span[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((span): Span[] =>
    Array.isArray(span) && typeof span[0] === 'string' && typeof span[1] === 'string' ? [[span[0], span[1]]] : [],
  )
}

export function HoursInput({ field, value, onChange, problems }: InputProps<'hours'>) {
  const { t } = useTranslation('flowsteps')
  const hours = record(value) ?? {}
  const days = record(hours.days) ?? {}
  const holidays = Array.isArray(hours.holidays) ? hours.holidays.filter((day) => typeof day === 'string') : []
  const setDays = (next: Record<string, unknown>) => onChange({ ...hours, days: next, holidays })
  const setDay = (day: string, spans: Span[]) => setDays({ ...days, [day]: spans })
  const setHolidays = (next: string[]) => onChange({ ...hours, days, holidays: [...new Set(next)].sort() })
  return (
    <Input.Wrapper size="md" {...wrapOf(field, problems)} labelElement="div">
      <fieldset className={`${classes.bare} ${classes.stack}`} aria-label={field.label}>
        {DAYS.map((day, i) => {
          const spans = spansOf(days[day])
          const name = weekday((i + 1) % 7, 'long')
          const setSpan = (n: number, end: 0 | 1, time: string) =>
            setDay(
              day,
              spans.map((span, at) => (at === n ? (end === 0 ? [time, span[1]] : [span[0], time]) : span)),
            )
          return (
            <div key={day} className={classes.day}>
              <Switch
                size="sm"
                label={name}
                checked={spans.length > 0}
                onChange={(event) => setDay(day, event.currentTarget.checked ? [USUAL] : [])}
              />
              <div className={classes.spans}>
                {spans.length === 0 && <span className={classes.quiet}>{t('closed')}</span>}
                {spans.map((span, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: spans have no names of their own
                  <div key={n} className={classes.span}>
                    <TextInput
                      type="time"
                      size="sm"
                      aria-label={t('opens', { day: name })}
                      value={span[0]}
                      onChange={(event) => setSpan(n, 0, event.currentTarget.value)}
                    />
                    <span aria-hidden="true">–</span>
                    <TextInput
                      type="time"
                      size="sm"
                      aria-label={t('closes', { day: name })}
                      value={span[1]}
                      onChange={(event) => setSpan(n, 1, event.currentTarget.value)}
                    />
                    {n > 0 ? (
                      <ActionIcon
                        size={28}
                        aria-label={t('removeSpan', { day: name })}
                        onClick={() =>
                          setDay(
                            day,
                            spans.filter((_, at) => at !== n),
                          )
                        }
                      >
                        <IconX size={16} />
                      </ActionIcon>
                    ) : (
                      spans.length < MOST_SPANS && (
                        <Tooltip label={t('addSpan')}>
                          <ActionIcon
                            size={28}
                            aria-label={t('addSpanTo', { day: name })}
                            onClick={() => setDay(day, [...spans, ['18:00', '20:00']])}
                          >
                            <IconPlus size={16} />
                          </ActionIcon>
                        </Tooltip>
                      )
                    )}
                  </div>
                ))}
              </div>
            </div>
          )
        })}
        <Button
          variant="subtle"
          size="compact-sm"
          className="flush"
          leftSection={<IconCopy size={14} />}
          onClick={() => {
            const first = spansOf(days.mon)
            setDays({ ...days, ...Object.fromEntries(['tue', 'wed', 'thu', 'fri'].map((day) => [day, first])) })
          }}
        >
          {t('likeMonday', { day: weekday(1, 'long') })}
        </Button>
        <Holidays days={holidays} onChange={setHolidays} />
      </fieldset>
    </Input.Wrapper>
  )
}

function Holidays({ days, onChange }: { days: string[]; onChange: (days: string[]) => void }) {
  const { t } = useTranslation('flowsteps')
  const format = useFormat()
  const [day, setDay] = useState('')
  const [yearly, setYearly] = useState(false)
  const add = () => {
    if (!/^[12]\d{3}-/.test(day)) return
    onChange([...days, yearly ? day.slice(5) : day])
    setDay('')
  }
  const nameOf = (one: string) => {
    const at = Date.parse(`${one.length === 5 ? `2028-${one}` : one}T12:00:00Z`)
    if (Number.isNaN(at)) return one
    const year = one.length === 5 ? undefined : ('numeric' as const)
    const words = new Intl.DateTimeFormat(format.tag, {
      day: 'numeric',
      month: 'long',
      timeZone: 'UTC',
      ...(year && { year }),
    }).format(at)
    return year ? words : t('everyYear', { day: words })
  }
  return (
    <>
      <Input.Label size="md" mt={8} labelElement="div">
        {t('holidays')}
      </Input.Label>
      <div className={classes.pair}>
        <TextInput
          type="date"
          aria-label={t('holidays')}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && add()}
        />
        <Button variant="default" size="md" disabled={!day} onClick={add}>
          {t('addHoliday')}
        </Button>
      </div>
      <Checkbox label={t('yearly')} checked={yearly} onChange={(event) => setYearly(event.currentTarget.checked)} />
      {days.length > 0 && (
        <ul className={classes.chips}>
          {days.map((one) => (
            <li key={one}>
              {nameOf(one)}
              <ActionIcon
                size={24}
                aria-label={t('removeHoliday', { day: nameOf(one) })}
                onClick={() => onChange(days.filter((other) => other !== one))}
              >
                <IconX size={14} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
