// What a way to this computer asks for, saved by its own button; what is wrong stands beside the field.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AddressWay, PublicAddress } from '@/api/types'
import { CopyField } from '@/components/CopyField'
import { errorText, fieldErrors } from '@/components/errorText'
import classes from './Address.module.css'
import { useSaveWay } from './useAddress'
import { changeOf, FIELDS, type Field, isTunnel, lacks, type Wish } from './wishes'

const focusOn = (form: HTMLElement | null, field: Field) =>
  form?.querySelector<HTMLElement>(`[name="${field}"]`)?.focus()

export function WayForm({
  way,
  address,
  wish,
  changed,
  found,
  onType,
  lookAgain,
  looking,
  onSaved,
  onCancel,
}: {
  way: AddressWay
  address: PublicAddress
  wish: Wish
  /** Whether there is anything to save. */
  changed: boolean
  /** Whether the program is on this computer, as far as known. */
  found: boolean
  onType: (field: Field, value: string) => void
  lookAgain: () => void
  looking: boolean
  onSaved: () => void
  onCancel: () => void
}) {
  const { t } = useTranslation('address')
  const save = useSaveWay()
  const form = useRef<HTMLFormElement>(null)
  const [shown, setShown] = useState<Partial<Record<Field, string>>>({})
  const fields = FIELDS[way]
  const said = fieldErrors(save.error)
  // Who cannot see the words beside a field hears them when it has the focus.
  useEffect(() => {
    if (!save.error) return
    const refused = fieldErrors(save.error)
    const first = FIELDS[way].find((field) => refused[field]) ?? (way === 'typed' ? 'url' : undefined)
    if (first) focusOn(form.current, first)
  }, [save.error, way])
  // A refusal that names no field belongs to the only one there is, else to the button.
  const loose = save.isError && !fields.some((field) => said[field]) ? errorText(save.error) : undefined
  const errorOf = (field: Field) => {
    const key = shown[field]
    return key ? t(key) : (said[field] ?? (way === 'typed' ? loose : undefined))
  }
  const type = (field: Field) => (event: { currentTarget: { value: string } }) => {
    setShown((all) => ({ ...all, [field]: undefined }))
    onType(field, event.currentTarget.value)
  }
  const common = (field: Field) => ({
    label: t(`field.${field}`),
    value: wish[field],
    onChange: type(field),
    error: errorOf(field),
    dir: 'ltr' as const,
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
  })
  return (
    <form
      className={classes.stack}
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!changed) return
        const lacking = lacks(way, wish, address)
        setShown(lacking)
        save.reset()
        const first = fields.find((field) => lacking[field])
        if (first) focusOn(form.current, first)
        // A form whose way is saved may be gone before its own callbacks run; this is heard all the same.
        else save.mutateAsync(changeOf(way, wish)).then(onSaved, () => {})
      }}
    >
      {(way === 'typed' || way === 'cloudflared_named') && <How way={way} local={address.local} />}
      {fields.includes('url') && (
        <TextInput name="url" placeholder={t('example.url')} inputMode="url" {...common('url')} />
      )}
      {fields.includes('hostname') && (
        <TextInput name="hostname" placeholder={t('example.hostname')} inputMode="url" {...common('hostname')} />
      )}
      {fields.includes('token') && (
        <PasswordInput
          name="token"
          description={t(address.tokens.includes(way) ? 'tokenKept' : `tokenFrom.${way}`)}
          {...common('token')}
          autoComplete="new-password"
        />
      )}
      {isTunnel(way) && (
        <Elsewhere
          begun={wish.program !== ''}
          wrong={errorOf('program') !== undefined}
          found={found}
          lookAgain={lookAgain}
          looking={looking}
        >
          <TextInput name="program" description={t('programHint')} {...common('program')} />
        </Elsewhere>
      )}
      {loose && way !== 'typed' && (
        <p className={classes.note} role="alert">
          <strong>{loose}</strong>
        </p>
      )}
      {changed && (
        <div className={classes.inline}>
          <Button type="submit" loading={save.isPending}>
            {t(way === 'none' ? 'save.none' : way === 'typed' ? 'save.typed' : 'save.tunnel')}
          </Button>
          <Button variant="default" onClick={onCancel} disabled={save.isPending}>
            {t('keep')}
          </Button>
        </div>
      )}
    </form>
  )
}

/** The way by hand: where the owner's own tunnel has to lead to. */
function How({ way, local }: { way: 'typed' | 'cloudflared_named'; local: string }) {
  const { t } = useTranslation('address')
  const steps = way === 'typed' ? ['1', '2', '3', '4'] : ['1', '2', '3']
  return (
    <section className={classes.how}>
      <h3>{t(`how.${way}.title`)}</h3>
      <ol>
        {steps.map((step) => (
          <li key={step}>
            {t(`how.${way}.${step}`)}
            {step === '2' && <CopyField label={t('local')} value={`http://${local}`} />}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** The program is not where it is looked for. */
function Elsewhere({
  begun,
  wrong,
  found,
  lookAgain,
  looking,
  children,
}: {
  /** A path is there already. */
  begun: boolean
  wrong: boolean
  found: boolean
  lookAgain: () => void
  looking: boolean
  children: ReactNode
}) {
  const { t } = useTranslation('address')
  const [wanted, setWanted] = useState(begun)
  const shown = wanted || wrong
  const id = useId()
  return (
    <div className={classes.stack}>
      <div className={classes.inline}>
        <Button
          className="flush"
          variant="subtle"
          size="compact-sm"
          aria-expanded={shown}
          aria-controls={id}
          onClick={() => setWanted(!wanted)}
        >
          {t('elsewhere')}
        </Button>
        {!found && (
          <Button variant="subtle" size="compact-sm" loading={looking} onClick={lookAgain}>
            {t('lookAgain')}
          </Button>
        )}
      </div>
      <div id={id} hidden={!shown}>
        {children}
      </div>
    </div>
  )
}
