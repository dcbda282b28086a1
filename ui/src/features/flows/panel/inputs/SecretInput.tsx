// A secret by its name: one that is kept already, or a new one. Its value is sealed by the program and never comes back.
import { Button, Input, PasswordInput, Select, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { put } from '@/api/client'
import { errorText } from '@/components/errorText'
import { secretsQuery } from '../context'
import classes from '../Panel.module.css'
import { nameFrom } from '../variables'
import { type InputProps, textOf, wrapOf } from './input'

export function SecretInput({ field, value, onChange, problems }: InputProps<'secret'>) {
  const { t } = useTranslation('flowsteps')
  const { data, isError } = useQuery(secretsQuery)
  const [adding, setAdding] = useState(false)
  const chosen = textOf(value)
  const names = data ?? []
  const options = names.map((name) => ({ value: name, label: name }))
  if (chosen && !names.includes(chosen))
    options.unshift({ value: chosen, label: data ? t('secret.gone', { name: chosen }) : chosen })
  return (
    <Input.Wrapper size="md" {...wrapOf(field, problems)} labelElement="div">
      <fieldset className={`${classes.bare} ${classes.stack}`} aria-label={field.label}>
        <Select
          aria-label={field.label}
          data={options}
          value={chosen || null}
          placeholder={t(names.length > 0 ? 'secret.choose' : 'secret.none')}
          error={isError ? t('secret.unreachable') : undefined}
          searchable
          clearable={!field.required}
          nothingFoundMessage={t('nothingFits')}
          onChange={(name) => onChange(name ?? '')}
        />
        {adding ? (
          <NewSecret
            taken={names}
            onDone={(name) => {
              setAdding(false)
              if (name) onChange(name)
            }}
          />
        ) : (
          <Button
            variant="subtle"
            size="compact-sm"
            className="flush"
            leftSection={<IconPlus size={16} />}
            onClick={() => setAdding(true)}
          >
            {t('secret.add')}
          </Button>
        )}
      </fieldset>
    </Input.Wrapper>
  )
}

function NewSecret({ taken, onDone }: { taken: string[]; onDone: (name: string | null) => void }) {
  const { t } = useTranslation('flowsteps')
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [secret, setSecret] = useState('')
  const written = nameFrom(name)
  const save = useMutation({
    mutationFn: () => put<void>(`/secrets/${written}`, { value: secret }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['secrets'] })
      onDone(written)
    },
  })
  return (
    <form
      className={classes.stack}
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        if (written && secret) save.mutate()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onDone(null)
      }}
    >
      <TextInput
        label={t('secret.name')}
        placeholder="shop_key"
        dir="ltr"
        autoFocus
        data-autofocus
        maxLength={60}
        value={name}
        error={taken.includes(written) ? t('secret.taken') : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label={t('secret.value')}
        description={t('secret.valueHint')}
        dir="ltr"
        autoComplete="new-password"
        maxLength={4096}
        value={secret}
        error={save.isError ? errorText(save.error) : undefined}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button type="submit" size="xs" disabled={!written || !secret} loading={save.isPending}>
          {t('secret.keep')}
        </Button>
        <Button variant="subtle" color="gray" size="xs" onClick={() => onDone(null)}>
          {t('common:cancel')}
        </Button>
      </div>
    </form>
  )
}
