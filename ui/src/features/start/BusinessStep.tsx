// Step 1: what the business is called and does; country and the like are guessed, shown and changeable.
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, patch } from '@/api/client'
import { businessQuery } from '@/api/queries'
import type { Business, Guess } from '@/api/types'
import { LocaleFields, NameFields } from '@/components/business/BusinessFields'
import { errorText, fieldErrors } from '@/components/errorText'
import { browserLocale } from '@/components/useFormat'
import { countries, currencies, languageOptions, type Option, timezones } from '@/lib/places'
import classes from './Start.module.css'
import { StepFrame } from './StepFrame'

const labelIn = (options: Option[], value: string) => options.find((option) => option.value === value)?.label ?? value

export function BusinessStep({ business, next }: { business: Business; next: () => void }) {
  const { t, i18n } = useTranslation('start')
  const queries = useQueryClient()
  const [changed, setChanged] = useState<Partial<Business>>({})
  const [open, setOpen] = useState(false)
  const [missing, setMissing] = useState(false)
  // Only a business that has no name yet is guessed about; what the owner chose stays.
  const fresh = !business.name
  const { timezone, language, country } = browserLocale()
  const guess = useQuery({
    queryKey: ['guess', timezone],
    queryFn: ({ signal }) =>
      get<Guess>('/business/guess', { timezone, language: country ? `${language}-${country}` : language }, signal),
    enabled: fresh,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const values = { ...business, ...(fresh ? guess.data : {}), ...changed }
  const save = useMutation({
    mutationFn: () => {
      const { name, description, country, timezone, currency, language } = values
      return patch<Business>('/business', { name: name.trim(), description, country, timezone, currency, language })
    },
    onSuccess: (saved) => {
      queries.setQueryData(businessQuery.queryKey, saved)
      void queries.invalidateQueries({ queryKey: ['home'] })
      next()
    },
  })
  const errors = { ...fieldErrors(save.error), ...(missing ? { name: t('business.needName') } : {}) }
  const tag = i18n.language
  return (
    <StepFrame
      title={t('business.title')}
      lead={t('business.lead')}
      busy={save.isPending}
      next={() => {
        const empty = !values.name.trim()
        setMissing(empty)
        if (!empty) save.mutate()
      }}
    >
      <NameFields
        values={values}
        set={(key, value) => setChanged((all) => ({ ...all, [key]: value }))}
        errors={errors}
        autoFocus={fresh}
      />
      {open ? (
        <LocaleFields
          values={values}
          set={(key, value) => setChanged((all) => ({ ...all, [key]: value }))}
          errors={errors}
        />
      ) : (
        <div className={classes.guess}>
          <span>
            {t(fresh ? 'business.guessed' : 'business.written')}{' '}
            <strong>
              {[
                labelIn(countries(tag), values.country),
                labelIn(languageOptions(tag), values.language),
                labelIn(currencies(tag), values.currency),
                labelIn(timezones(), values.timezone),
              ]
                .filter(Boolean)
                .join(' · ')}
            </strong>
          </span>
          <Button className="flush" variant="subtle" size="compact-sm" onClick={() => setOpen(true)}>
            {t('business.change')}
          </Button>
        </div>
      )}
      {save.isError && Object.keys(fieldErrors(save.error)).length === 0 && (
        <p className={classes.error} role="alert">
          {errorText(save.error)}
        </p>
      )}
    </StepFrame>
  )
}
