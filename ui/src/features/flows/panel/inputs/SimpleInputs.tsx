// Numbers, lengths of time, switches, one of several, and a list of words.
import { Input, NumberInput as NumberField, SegmentedControl, Select, Switch, TagsInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import classes from '../Panel.module.css'
import { errorOf, type InputProps, Problem, textOf, wrapOf } from './input'
import { biggestUnit, UNITS, type Unit } from './units'

export function NumberInput({ field, input, value, onChange, problems }: InputProps<'number'>) {
  return (
    <NumberField
      {...wrapOf(field, problems)}
      value={typeof value === 'number' ? value : ''}
      min={input.min}
      max={input.max}
      allowDecimal={!input.whole}
      clampBehavior="blur"
      suffix={input.unit ? ` ${input.unit}` : ''}
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
    />
  )
}

export function DurationInput({ field, input, value, onChange, problems }: InputProps<'duration'>) {
  const { t } = useTranslation('flowsteps')
  const format = useFormat()
  const ms = typeof value === 'number' ? value : null
  const [chosen, setChosen] = useState<Unit | null>(null)
  const fits = UNITS.filter((unit) => unit.ms <= input.max_ms)
  const offered = fits.length > 0 ? fits : UNITS.slice(0, 1)
  const unit = chosen ?? biggestUnit(ms ?? input.min_ms, offered)
  const within = (next: number) => Math.min(Math.max(Math.round(next), input.min_ms), input.max_ms)
  return (
    <Input.Wrapper size="md" {...wrapOf(field, problems)} labelElement="div">
      <fieldset className={`${classes.bare} ${classes.pair}`} aria-label={field.label}>
        <NumberField
          aria-label={t('howLong', { name: field.label })}
          value={ms === null ? '' : ms / unit.ms}
          min={0}
          max={input.max_ms / unit.ms}
          decimalScale={2}
          error={Boolean(errorOf(problems))}
          onChange={(next) => {
            // 60 minutes stay minutes while somebody types on.
            setChosen(unit)
            onChange(typeof next === 'number' ? Math.round(next * unit.ms) : undefined)
          }}
          onBlur={() => ms !== null && within(ms) !== ms && onChange(within(ms))}
        />
        <Select
          aria-label={t('unitOf', { name: field.label })}
          data={offered.map(({ name }) => ({
            value: name,
            label: t(`flowsteps:unit.${name}`, {
              count: ms === null ? 2 : ms / unit.ms,
              number: format.number(ms ?? 0),
            }),
          }))}
          value={unit.name}
          onChange={(name) => {
            const next = UNITS.find((other) => other.name === name)
            if (!next) return
            setChosen(next)
            if (ms !== null) onChange(within((ms / unit.ms) * next.ms))
          }}
        />
      </fieldset>
    </Input.Wrapper>
  )
}

export function ToggleInput({ field, value, onChange, problems }: InputProps<'toggle'>) {
  return (
    <Switch
      label={field.label}
      description={field.help || undefined}
      error={errorOf(problems)}
      checked={value === true}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  )
}

/** Few short ones lie side by side; else they are a list. */
const SIDE_BY_SIDE = 36

export function PickInput({ field, input, value, onChange, problems }: InputProps<'pick'>) {
  const chosen = textOf(value)
  const wrap = wrapOf(field, problems)
  const letters = input.options.reduce((sum, option) => sum + option.label.length + 2, 0)
  if (input.options.length <= 3 && letters <= SIDE_BY_SIDE)
    return (
      <Input.Wrapper size="md" {...wrap} labelElement="div">
        <SegmentedControl
          fullWidth
          aria-label={field.label}
          data={input.options}
          value={chosen}
          onChange={(next) => onChange(next)}
        />
      </Input.Wrapper>
    )
  return (
    <Select
      {...wrap}
      data={input.options}
      value={chosen || null}
      searchable={input.options.length > 8}
      onChange={(next) => next !== null && onChange(next)}
    />
  )
}

export function ListInput({ field, input, value, onChange, problems }: InputProps<'list'>) {
  const { t } = useTranslation('flowsteps')
  const list = Array.isArray(value) ? value.map(textOf).filter(Boolean) : []
  return (
    <TagsInput
      {...wrapOf(field, problems)}
      size="md"
      value={list}
      maxTags={input.max}
      splitChars={[',', ';', '\n']}
      acceptValueOnBlur
      clearable={list.length > 3}
      placeholder={list.length < input.max ? t('addNoun', { noun: input.noun }) : ''}
      onChange={onChange}
    />
  )
}

/** Shows what is wrong under fields that are no single control. */
export function Warnings({ problems }: { problems: InputProps<'toggle'>['problems'] }) {
  const warnings = problems.filter((problem) => problem.severity === 'warning')
  if (warnings.length === 0) return null
  return (
    <div className={classes.under}>
      {warnings.map((finding) => (
        <Problem key={finding.message} finding={finding} />
      ))}
    </div>
  )
}
