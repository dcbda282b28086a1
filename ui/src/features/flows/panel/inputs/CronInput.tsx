// Times that repeat: every hour, day, week or month, or written out; with the next three of them.
import { Chip, Group, Input, NumberInput, Select, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBusiness } from '@/api/queries'
import { browserLocale, useFormat } from '@/components/useFormat'
import { weekday } from '../../steps/words'
import { usePanelScope } from '../context'
import { cronOf, nextTimes, type Plan, planOf, readCron } from '../cron'
import classes from '../Panel.module.css'
import { errorOf, type InputProps, textOf, wrapOf } from './input'

const EVERY = ['hour', 'day', 'week', 'month', 'own'] as const
/** A step may have a time zone of its own; half a name is none. */
function zoneOf(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

const two = (n: number) => String(n).padStart(2, '0')

export function CronInput({ field, value, onChange, problems }: InputProps<'cron'>) {
  const { t } = useTranslation('flowsteps')
  const format = useFormat()
  const { data: business } = useBusiness()
  const { step } = usePanelScope()
  const zone = zoneOf(step.fields?.timezone) ?? business?.timezone ?? browserLocale().timezone
  const text = textOf(value)
  const [own, setOwn] = useState(() => planOf(text).every === 'own' && text !== '')
  const plan: Plan = own ? { every: 'own', text } : planOf(text || '0 9 * * *')
  // The next moments move on while the page stays open.
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000)
    return () => clearInterval(timer)
  }, [])
  const set = (next: Plan) => onChange(cronOf(next))
  const at = { hour: 'hour' in plan ? plan.hour : 9, minute: 'minute' in plan ? plan.minute : 0 }
  const change = (every: string | null) => {
    setOwn(every === 'own')
    if (every === 'hour') set({ every, minute: at.minute })
    if (every === 'day') set({ every, ...at })
    if (every === 'week') set({ every, days: [1], ...at })
    if (every === 'month') set({ every, day: 1, ...at })
  }
  const next = text ? nextTimes(text, now, 3, zone) : []
  return (
    <Input.Wrapper size="md" {...wrapOf(field, problems)} labelElement="div">
      <fieldset className={`${classes.bare} ${classes.stack}`} aria-label={field.label}>
        <div className={classes.pair}>
          <Select
            aria-label={t('every')}
            data={EVERY.map((every) => ({ value: every, label: t(`flowsteps:everyOf.${every}`) }))}
            value={plan.every}
            onChange={change}
          />
          {plan.every === 'hour' && (
            <NumberInput
              aria-label={t('minutePast')}
              suffix={t('pastSuffix')}
              min={0}
              max={59}
              allowDecimal={false}
              value={plan.minute}
              onChange={(minute) => typeof minute === 'number' && set({ ...plan, minute })}
            />
          )}
          {(plan.every === 'day' || plan.every === 'week' || plan.every === 'month') && (
            <TextInput
              type="time"
              aria-label={t('atTime')}
              value={`${two(plan.hour)}:${two(plan.minute)}`}
              onChange={(event) => {
                const [hour, minute] = event.currentTarget.value.split(':').map(Number)
                if (hour !== undefined && minute !== undefined) set({ ...plan, hour, minute })
              }}
            />
          )}
          {plan.every === 'own' && (
            <TextInput
              aria-label={t('cronText')}
              dir="ltr"
              className={classes.mono ?? ''}
              maxLength={100}
              error={Boolean(errorOf(problems)) || (text !== '' && readCron(text) === null)}
              value={text}
              onChange={(event) => onChange(event.currentTarget.value)}
            />
          )}
        </div>
        {plan.every === 'week' && (
          <Chip.Group
            multiple
            value={plan.days.map(String)}
            onChange={(days) => days.length > 0 && set({ ...plan, days: days.map(Number).sort((a, b) => a - b) })}
          >
            <Group gap={6}>
              {[1, 2, 3, 4, 5, 6, 0].map((day) => (
                <Chip key={day} value={String(day)} size="sm" variant="light">
                  {weekday(day, 'short')}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        )}
        {plan.every === 'month' && (
          <NumberInput
            label={t('dayOfMonth')}
            min={1}
            max={31}
            allowDecimal={false}
            value={plan.day}
            onChange={(day) => typeof day === 'number' && set({ ...plan, day })}
          />
        )}
        {text !== '' && (
          <p className={classes.hint}>
            {next.length > 0
              ? t('nextTimes', { times: next.map((time) => format.full(time)).join(' · ') })
              : t('cronNever')}
          </p>
        )}
      </fieldset>
    </Input.Wrapper>
  )
}
