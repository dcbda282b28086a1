// The first owner: name, e-mail, password. Nothing else.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import { sessionQuery } from '@/api/queries'
import type { SessionInfo } from '@/api/types'
import { errorText, fieldErrors } from '@/components/errorText'
import { SHORTEST_PASSWORD, type Strength, strengthOf } from '@/lib/strength'
import classes from './Door.module.css'
import { DoorFrame } from './DoorFrame'
import { MoveIn } from './MoveIn'

const LEVEL: Record<Strength, number> = { short: 1, weak: 1, fair: 2, good: 3 }

export function SetupPage() {
  const { t } = useTranslation('session')
  const queries = useQueryClient()
  const form = useForm({
    initialValues: { name: '', email: '', password: '' },
    validate: {
      name: (value) => (value.trim() ? null : t('needName')),
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('needEmail')),
      password: (value) =>
        value.length >= SHORTEST_PASSWORD ? null : t('strength.short', { count: SHORTEST_PASSWORD }),
    },
  })
  const setup = useMutation({
    mutationFn: ({ name, email, password }: typeof form.values) =>
      post<SessionInfo>('/setup', { name: name.trim(), email: email.trim(), password }),
    onSuccess: (session) => queries.setQueryData(sessionQuery.queryKey, session),
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  const { name, email, password } = form.values
  const strength = strengthOf(password, [name, email])
  const [moving, setMoving] = useState(false)
  if (moving) return <MoveIn back={() => setMoving(false)} />
  return (
    <DoorFrame title={t('setupTitle')} lead={t('setupLead')}>
      <form className={classes.fields} onSubmit={form.onSubmit((values) => setup.mutate(values))} noValidate>
        <TextInput label={t('name')} autoComplete="name" autoFocus {...form.getInputProps('name')} />
        <TextInput label={t('email')} type="email" autoComplete="username" {...form.getInputProps('email')} />
        <PasswordInput label={t('password')} autoComplete="new-password" {...form.getInputProps('password')} />
        <div className={classes.strength} aria-live="polite">
          <span className={classes.meter} aria-hidden="true">
            {[1, 2, 3].map((level) => (
              <span key={level} data-on={password && LEVEL[strength] >= level ? strength : undefined} />
            ))}
          </span>
          {password
            ? t(`strength.${strength}`, { count: SHORTEST_PASSWORD })
            : t('strength.hint', { count: SHORTEST_PASSWORD })}
        </div>
        {setup.isError && (
          <p className={classes.error} role="alert">
            {errorText(setup.error)}
          </p>
        )}
        <Button type="submit" size="md" loading={setup.isPending}>
          {t('setup')}
        </Button>
        <Button variant="subtle" onClick={() => setMoving(true)}>
          {t('moving:have')}
        </Button>
        <p className={classes.note}>{t('stays')}</p>
      </form>
    </DoorFrame>
  )
}
