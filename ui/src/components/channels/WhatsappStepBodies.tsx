// What each of the seven WhatsApp steps asks for.
import { Anchor, Button, Loader, PasswordInput, TextInput } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Channel, ChannelPatch } from '@/api/types'
import { CopyField } from '@/components/CopyField'
import { errorText, fieldErrors } from '@/components/errorText'
import { tellError } from '@/components/notice'
import { AddressForm } from './AddressForm'
import classes from './Channels.module.css'

type Save = (change: ChannelPatch) => Promise<void>
type Key = 'app_id' | 'app_secret' | 'second_app_secret' | 'token' | 'waba_id' | 'phone_number_id'
type Field = { key: Key; label: string; stored?: string; secret?: boolean; kept?: boolean }

/** Fields with one button that saves and checks. */
function SaveForm({ fields, save }: { fields: Field[]; save: Save }) {
  const { t } = useTranslation('channels')
  const [values, setValues] = useState<Partial<Record<Key, string>>>(() =>
    Object.fromEntries(fields.map((field) => [field.key, field.stored ?? ''])),
  )
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const said = fieldErrors(error)
  const submit = async () => {
    setBusy(true)
    setError(null)
    try {
      const filled = Object.entries(values).map(([key, value]) => [key, value?.trim()])
      await save(Object.fromEntries(filled.filter(([, value]) => value)) as ChannelPatch)
      // A stored secret is never shown again, not even by the field it was typed into.
      setValues((all) => ({ ...all, ...Object.fromEntries(fields.filter((f) => f.secret).map((f) => [f.key, ''])) }))
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const missing = fields.some((field) => !values[field.key]?.trim() && !field.kept)
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {fields.map((field) => {
        const Input = field.secret ? PasswordInput : TextInput
        return (
          <Input
            key={field.key}
            label={field.label}
            description={field.kept ? t('kept') : undefined}
            value={values[field.key] ?? ''}
            onChange={(event) => setValues((all) => ({ ...all, [field.key]: event.target.value }))}
            error={said[field.key]}
            autoComplete={field.secret ? 'new-password' : 'off'}
            spellCheck={false}
            dir="ltr"
          />
        )
      })}
      {error !== null && Object.keys(said).length === 0 && (
        <p className={classes.note} role="alert">
          <strong>{errorText(error)}</strong>
        </p>
      )}
      <div>
        <Button type="submit" loading={busy} disabled={missing}>
          {t('saveCheck')}
        </Button>
      </div>
    </form>
  )
}

function Out({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Anchor className="tap" href={href} target="_blank" rel="noreferrer" size="sm" fw={550}>
      {children} <IconExternalLink size={16} style={{ verticalAlign: '-3px' }} aria-hidden />
    </Anchor>
  )
}

export function AppStep({ channel, save }: { channel: Channel; save: Save }) {
  const { t } = useTranslation('channels')
  return (
    <>
      <ol className={classes.how}>
        <li>{t('wa.appHow1')}</li>
        <li>{t('wa.appHow2')}</li>
        <li>{t('wa.appHow3')}</li>
      </ol>
      <Out href="https://developers.facebook.com/apps/">{t('wa.appOpen')}</Out>
      <SaveForm
        save={save}
        fields={[{ key: 'app_id', label: t('wa.appId'), stored: channel.whatsapp?.app_id ?? '' }]}
      />
    </>
  )
}

export function SecretStep({ channel, save }: { channel: Channel; save: Save }) {
  const { t } = useTranslation('channels')
  const kept = channel.whatsapp?.has_app_secret ?? false
  return (
    <>
      <p className={classes.text}>{t('wa.secretHow')}</p>
      <SaveForm save={save} fields={[{ key: 'app_secret', label: t('wa.appSecret'), secret: true, kept }]} />
      {kept && <SecondSecret channel={channel} save={save} />}
    </>
  )
}

/** While the secret is changed at Meta, messages signed with either one are taken. */
function SecondSecret({ channel, save }: { channel: Channel; save: Save }) {
  const { t } = useTranslation('channels')
  const kept = channel.whatsapp?.has_second_app_secret ?? false
  const [open, setOpen] = useState(kept)
  const [busy, setBusy] = useState(false)
  if (!open)
    return (
      <div>
        <Button className="flush" variant="subtle" size="compact-sm" onClick={() => setOpen(true)}>
          {t('wa.secondOpen')}
        </Button>
      </div>
    )
  const forget = () => {
    setBusy(true)
    save({ second_app_secret: '' })
      .catch(tellError)
      .finally(() => setBusy(false))
  }
  return (
    <section className={classes.aside}>
      <h3 className={classes.asideTitle}>{t('wa.secondTitle')}</h3>
      <p className={classes.note}>{t('wa.secondHow')}</p>
      <SaveForm
        key={String(kept)}
        save={save}
        fields={[{ key: 'second_app_secret', label: t('wa.secondSecret'), secret: true, kept }]}
      />
      {kept && (
        <div>
          <Button variant="default" loading={busy} onClick={forget}>
            {t('wa.secondForget')}
          </Button>
        </div>
      )}
    </section>
  )
}

export function TokenStep({ channel, save }: { channel: Channel; save: Save }) {
  const { t } = useTranslation('channels')
  const kept = channel.whatsapp?.has_token ?? false
  return (
    <>
      <ol className={classes.how}>
        <li>{t('wa.tokenHow1')}</li>
        <li>{t('wa.tokenHow2')}</li>
        <li>{t('wa.tokenHow3')}</li>
      </ol>
      <Out href="https://business.facebook.com/settings/system-users">{t('wa.tokenOpen')}</Out>
      <SaveForm save={save} fields={[{ key: 'token', label: t('wa.accessToken'), secret: true, kept }]} />
    </>
  )
}

export function NumberStep({ channel, save }: { channel: Channel; save: Save }) {
  const { t } = useTranslation('channels')
  return (
    <>
      <p className={classes.text}>{t('wa.numberHow')}</p>
      <SaveForm
        save={save}
        fields={[
          { key: 'waba_id', label: t('wa.waba'), stored: channel.whatsapp?.waba_id ?? '' },
          { key: 'phone_number_id', label: t('wa.phoneId'), stored: channel.whatsapp?.phone_number_id ?? '' },
        ]}
      />
    </>
  )
}

export function AddressStep({ after }: { after: ReactNode }) {
  const { t } = useTranslation('channels')
  return (
    <>
      <p className={classes.text}>{t('address.why')}</p>
      <AddressForm check={after} />
    </>
  )
}

export function WebhookStep({
  channel,
  ready,
  busy,
  register,
  after,
}: {
  channel: Channel
  ready: boolean
  busy: boolean
  register: () => void
  after: ReactNode
}) {
  const { t } = useTranslation('channels')
  const { webhook_url: url, verify_token: token } = channel.whatsapp ?? {}
  return (
    <>
      <p className={classes.text}>{t(ready ? 'wa.webhookHow' : 'wa.webhookFirst')}</p>
      <div className={classes.inline}>
        <Button onClick={register} loading={busy} disabled={!ready}>
          {t('wa.webhookDo')}
        </Button>
        {after}
      </div>
      {url && (
        <>
          <p className={classes.note}>{t('wa.webhookHand')}</p>
          <CopyField label={t('wa.webhookUrl')} value={url} />
          <CopyField label={t('wa.verify')} value={token ?? ''} />
        </>
      )}
    </>
  )
}

export function MessageStep({ channel, waiting }: { channel: Channel; waiting: boolean }) {
  const { t } = useTranslation('channels')
  const number = channel.whatsapp?.display_phone_number
  return (
    <>
      <p className={classes.text}>{number ? t('wa.messageHow', { number }) : t('wa.messageHowAny')}</p>
      {waiting && (
        <span className={classes.wait}>
          <Loader size={16} /> {t('wa.messageWaits')}
        </span>
      )}
    </>
  )
}
