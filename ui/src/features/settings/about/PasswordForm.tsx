// Changing one's own password; all other devices are signed out.
import { Button, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { put } from '@/api/client'
import { errorText, fieldErrors } from '@/components/errorText'
import { tell } from '@/components/notice'
import { SHORTEST_PASSWORD } from '@/lib/strength'
import classes from '../Settings.module.css'

export function PasswordForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('settings')
  const form = useForm({
    initialValues: { current: '', new: '' },
    validate: {
      current: (value) => (value ? null : t('session:needPassword')),
      new: (value) =>
        value.length >= SHORTEST_PASSWORD ? null : t('session:strength.short', { count: SHORTEST_PASSWORD }),
    },
  })
  const change = useMutation({
    mutationFn: (values: typeof form.values) => put('/session/password', values),
    onSuccess: () => {
      tell(t('about.passwordChanged'))
      onDone()
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  const said = Object.keys(fieldErrors(change.error)).length > 0
  return (
    <form className={classes.stack} onSubmit={form.onSubmit((values) => change.mutate(values))} noValidate>
      <PasswordInput
        label={t('about.passwordNow')}
        autoComplete="current-password"
        data-autofocus
        {...form.getInputProps('current')}
      />
      <PasswordInput
        label={t('about.passwordNew')}
        description={t('session:strength.hint', { count: SHORTEST_PASSWORD })}
        autoComplete="new-password"
        {...form.getInputProps('new')}
      />
      {change.isError && !said && (
        <p className={classes.note} role="alert">
          <strong>{errorText(change.error)}</strong>
        </p>
      )}
      <div className={classes.inline}>
        <Button type="submit" loading={change.isPending}>
          {t('about.passwordSave')}
        </Button>
        <Button variant="default" onClick={onDone}>
          {t('common:cancel')}
        </Button>
      </div>
    </form>
  )
}
