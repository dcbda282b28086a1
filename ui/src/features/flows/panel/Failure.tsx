// What happens when something outside does not answer: how long to wait, how often to try, and what then.
import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Failure, Field, Step } from '../types'
import { FieldView } from './FieldView'
import { Fold } from './Fold'
import classes from './Panel.module.css'

export const USUAL: Failure = { retries: 0, wait_ms: 2_000, then: 'branch' }

export function FailureSettings({ step, onChange }: { step: Step; onChange: (step: Step) => void }) {
  const { t } = useTranslation('flowsteps')
  const failure = step.failure ?? USUAL
  const set = (change: Partial<Failure>) => {
    const next: Failure = { ...failure, ...change }
    if (next.timeout_ms === undefined) delete next.timeout_ms
    if (next.then !== 'default') delete next.value
    onChange({ ...step, failure: next })
  }
  const field = (name: string, input: Field['input'], help = ''): Field => ({
    name,
    label: t(`flowsteps:failure.${name}`),
    help,
    required: false,
    input,
  })
  return (
    <Fold title={t('failure.title')} note={t(`flowsteps:failure.then_${failure.then}`)}>
      <div className={classes.fields}>
        <FieldView
          field={field('timeout_ms', { input: 'duration', min_ms: 1_000, max_ms: 120_000 }, t('failure.timeoutHelp'))}
          value={failure.timeout_ms}
          onChange={(value) => set({ timeout_ms: typeof value === 'number' ? value : undefined } as Partial<Failure>)}
          problems={[]}
        />
        <FieldView
          field={field('retries', { input: 'number', min: 0, max: 5, whole: true, unit: '' })}
          value={failure.retries}
          onChange={(value) => set({ retries: typeof value === 'number' ? value : 0 })}
          problems={[]}
        />
        {failure.retries > 0 && (
          <FieldView
            field={field('wait_ms', { input: 'duration', min_ms: 0, max_ms: 3_600_000 })}
            value={failure.wait_ms}
            onChange={(value) => set({ wait_ms: typeof value === 'number' ? value : 0 })}
            problems={[]}
          />
        )}
        <Select
          label={t('failure.then')}
          data={(['branch', 'default', 'stop'] as const).map((value) => ({
            value,
            label: t(`flowsteps:failure.then_${value}`),
          }))}
          value={failure.then}
          onChange={(then) => then && set({ then: then as Failure['then'] })}
        />
        {failure.then === 'default' && (
          <FieldView
            field={field('value', { input: 'value', of: 'any' }, t('failure.valueHelp'))}
            value={failure.value}
            onChange={(value) => set({ value })}
            problems={[]}
          />
        )}
      </div>
    </Fold>
  )
}
