// Something that exists already: a step of this flow, a flow of this bot, sources of knowledge.
import { MultiSelect, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { sourcesQuery } from '@/api/queries'
import { titleOf } from '../../steps'
import { usePanelScope } from '../context'
import { type InputProps, textOf, wrapOf } from './input'

type Option = { value: string; label: string }

/** What is stored stays in the list, also when it is gone. */
const including = (options: Option[], value: string, gone: string): Option[] =>
  value && !options.some((option) => option.value === value) ? [{ value, label: gone }, ...options] : options

export function StepInput({ field, value, onChange, problems }: InputProps<'step'>) {
  const { t } = useTranslation('flowsteps')
  const { flow, step, kinds } = usePanelScope()
  const options = useMemo(() => {
    const seen = new Map<string, number>()
    return flow.steps
      .filter((other) => other.id !== step.id)
      .map((other) => {
        const title = titleOf(other, kinds.get(other.kind))
        const count = (seen.get(title) ?? 0) + 1
        seen.set(title, count)
        return { value: other.id, label: count > 1 ? `${title} (${count})` : title }
      })
  }, [flow.steps, step.id, kinds])
  return (
    <Select
      {...wrapOf(field, problems)}
      data={including(options, textOf(value), t('goneStep'))}
      value={textOf(value) || null}
      placeholder={t('chooseStep')}
      searchable
      clearable={!field.required}
      nothingFoundMessage={t('nothingFits')}
      onChange={(next) => onChange(next ?? undefined)}
    />
  )
}

export function FlowInput({ field, value, onChange, problems }: InputProps<'flow'>) {
  const { t } = useTranslation('flowsteps')
  const { flow, flows } = usePanelScope()
  const options = flows
    .filter((other) => other.id !== flow.id && !other.deleted_at)
    .map((other) => ({ value: other.id, label: other.folder ? `${other.folder}: ${other.name}` : other.name }))
  return (
    <Select
      {...wrapOf(field, problems)}
      data={including(options, textOf(value), t('goneFlow'))}
      value={textOf(value) || null}
      placeholder={options.length > 0 ? t('chooseFlow') : t('noOtherFlow')}
      searchable
      clearable={!field.required}
      nothingFoundMessage={t('nothingFits')}
      onChange={(next) => onChange(next ?? undefined)}
    />
  )
}

export function SourcesInput({ field, value, onChange, problems }: InputProps<'sources'>) {
  const { t } = useTranslation('flowsteps')
  const { data } = useQuery(sourcesQuery)
  const chosen = Array.isArray(value) ? value.map(textOf) : []
  const options: Option[] = (data?.items ?? []).map((source) => ({ value: source.id, label: source.title }))
  const all = chosen.reduce((list, id) => including(list, id, data ? t('goneSource') : '…'), options)
  return (
    <MultiSelect
      {...wrapOf(field, problems)}
      size="md"
      data={all}
      value={chosen}
      placeholder={chosen.length === 0 ? t('allSources') : ''}
      searchable
      nothingFoundMessage={t('nothingFits')}
      comboboxProps={{ shadow: 'md' }}
      onChange={onChange}
    />
  )
}
