// Signing in.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ApiError, post } from '@/api/client'
import { sessionQuery } from '@/api/queries'
import type { SessionInfo } from '@/api/types'
import { errorText } from '@/components/errorText'
import classes from './Door.module.css'
import { DoorFrame } from './DoorFrame'

export function LoginPage() {
  const { t } = useTranslation('session')
  const queries = useQueryClient()
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('needEmail')),
      password: (value) => (value ? null : t('needPassword')),
    },
  })
  const login = useMutation({
    mutationFn: ({ email, password }: typeof form.values) =>
      post<SessionInfo>('/session', { email: email.trim(), password }),
    onSuccess: (session) => queries.setQueryData(sessionQuery.queryKey, session),
  })
  const refused = login.error instanceof ApiError && login.error.code === 'unauthorized' && !login.error.message
  return (
    <DoorFrame title={t('loginTitle')} lead={t('loginLead')}>
      <form className={classes.fields} onSubmit={form.onSubmit((values) => login.mutate(values))} noValidate>
        <TextInput label={t('email')} type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
        <PasswordInput label={t('password')} autoComplete="current-password" {...form.getInputProps('password')} />
        {login.isError && (
          <p className={classes.error} role="alert">
            {refused ? t('refused') : errorText(login.error)}
          </p>
        )}
        <Button type="submit" size="md" loading={login.isPending}>
          {t('login')}
        </Button>
        <p className={classes.note}>{t('forgot')}</p>
      </form>
    </DoorFrame>
  )
}
