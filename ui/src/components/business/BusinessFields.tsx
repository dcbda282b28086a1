// What the business is called and does, and how its country writes numbers, dates and money.
import { Select, Textarea, TextInput } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Business } from '@/api/types'
import { countries, currencies, including, languageOptions, timezones } from '@/lib/places'
import classes from './BusinessFields.module.css'

type Fields = Pick<Business, 'name' | 'description' | 'country' | 'timezone' | 'currency' | 'language'>
type Set = <K extends keyof Fields>(key: K, value: Fields[K]) => void
type Errors = Record<string, string>

export function NameFields({
  values,
  set,
  errors,
  autoFocus,
}: {
  values: Fields
  set: Set
  errors: Errors
  autoFocus?: boolean
}) {
  const { t } = useTranslation('business')
  return (
    <div className={classes.fields}>
      <TextInput
        label={t('name')}
        placeholder={t('nameExample')}
        value={values.name}
        onChange={(event) => set('name', event.currentTarget.value)}
        error={errors.name}
        maxLength={120}
        autoFocus={autoFocus ?? false}
      />
      <Textarea
        label={t('description')}
        description={t('descriptionHint')}
        placeholder={t('descriptionExample')}
        value={values.description}
        onChange={(event) => set('description', event.currentTarget.value)}
        error={errors.description}
        maxLength={1000}
        maxRows={6}
      />
    </div>
  )
}

export function LocaleFields({ values, set, errors }: { values: Fields; set: Set; errors: Errors }) {
  const { t, i18n } = useTranslation('business')
  const options = useMemo(
    () => ({
      country: countries(i18n.language),
      language: languageOptions(i18n.language),
      currency: currencies(i18n.language),
      timezone: timezones(),
    }),
    [i18n.language],
  )
  return (
    <div className={classes.grid}>
      {(['country', 'language', 'currency', 'timezone'] as const).map((key) => (
        <Select
          key={key}
          label={t(key)}
          data={including(options[key], values[key])}
          value={values[key] || null}
          onChange={(value) => value && set(key, value)}
          error={errors[key]}
          searchable
          nothingFoundMessage={t('nothing')}
          limit={60}
        />
      ))}
    </div>
  )
}
