// The business's own mail server, and a letter to see whether it works.
import { Button, NumberInput, PasswordInput, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { get, post, put } from '@/api/client'
import type { components } from '@/api/schema'
import { errorText, fieldErrors } from '@/components/errorText'
import { tell } from '@/components/notice'
import { Panel } from '@/components/Panel'
import { Loading, QueryView } from '@/components/States'
import classes from '../Settings.module.css'

type Mail = components['schemas']['EmailSettings']
type Security = components['schemas']['EmailSecurity']

/** Each with its usual port. */
const PORTS: Record<Security, number> = { tls: 465, starttls: 587, none: 25 }

const mailQuery = queryOptions({
  queryKey: ['settings', 'email'],
  queryFn: ({ signal }) => get<Mail>('/settings/email', undefined, signal),
})

export function MailPanel() {
  const { t } = useTranslation('settings')
  const query = useQuery(mailQuery)
  return (
    <Panel title={t('services.mailTitle')} lead={t('services.mailText')}>
      <QueryView query={query} loading={<Loading shape="form" count={4} />}>
        {(mail) => <Form mail={mail} />}
      </QueryView>
    </Panel>
  )
}

function Form({ mail }: { mail: Mail }) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const form = useForm({
    initialValues: {
      host: mail.host,
      port: mail.port || PORTS[mail.security],
      security: mail.security,
      user: mail.user,
      from: mail.from,
      password: '',
    },
  })
  const save = useMutation({
    mutationFn: ({ password, ...rest }: typeof form.values) =>
      put<Mail>('/settings/email', { ...rest, ...(password ? { password } : {}) }),
    onSuccess: (kept, sent) => {
      queries.setQueryData(mailQuery.queryKey, kept)
      form.setFieldValue('password', '')
      form.resetDirty({ ...sent, password: '' })
      tell(t('services.mailSaved'))
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  const tryOut = useMutation({
    mutationFn: () => post<{ ok: boolean; message: string }>('/settings/email/test', {}),
  })
  const choose = (security: Security) => {
    const usual = form.values.port === PORTS[form.values.security]
    form.setValues({ security, ...(usual ? { port: PORTS[security] } : {}) })
  }
  const said = save.isError && Object.keys(fieldErrors(save.error)).length === 0
  return (
    <form className={classes.stack} onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <TextInput
        label={t('services.host')}
        description={t('services.hostHint')}
        placeholder="mail.example.com"
        dir="ltr"
        maxLength={253}
        {...form.getInputProps('host')}
      />
      <Select
        label={t('services.security')}
        data={(['tls', 'starttls', 'none'] as const).map((value) => ({ value, label: t(`services.${value}`) }))}
        value={form.values.security}
        allowDeselect={false}
        onChange={(value) => value && choose(value as Security)}
      />
      <NumberInput label={t('services.port')} min={1} max={65_535} hideControls {...form.getInputProps('port')} />
      <TextInput label={t('services.user')} dir="ltr" autoComplete="off" {...form.getInputProps('user')} />
      <PasswordInput
        label={t('services.password')}
        description={mail.has_password ? t('services.passwordKept') : undefined}
        dir="ltr"
        autoComplete="new-password"
        {...form.getInputProps('password')}
      />
      <TextInput
        label={t('services.from')}
        description={t('services.fromHint')}
        placeholder="Shop <shop@example.com>"
        {...form.getInputProps('from')}
      />
      {said && (
        <p className={classes.note} role="alert">
          <strong>{errorText(save.error)}</strong>
        </p>
      )}
      <div className={classes.inline}>
        <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
          {t('common:save')}
        </Button>
        {mail.host && (
          <Button
            variant="default"
            loading={tryOut.isPending}
            disabled={form.isDirty()}
            onClick={() => tryOut.mutate()}
          >
            {t('services.try')}
          </Button>
        )}
      </div>
      {(tryOut.data || tryOut.isError) && (
        <p className={classes.note} role="status">
          <strong>{tryOut.data ? tryOut.data.message : errorText(tryOut.error)}</strong>
        </p>
      )}
    </form>
  )
}
