// An answer service: which, where, with which key.
import { Button, Modal, NumberInput, PasswordInput, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Provider, ProviderKind } from '@/api/types'
import { errorText, fieldErrors } from '@/components/errorText'
import { newId } from '@/lib/id'
import shared from '../Settings.module.css'
import classes from './Answers.module.css'
import { NEW } from './useAnswerSettings'

const KINDS: ProviderKind[] = ['openai', 'anthropic', 'gemini', 'ollama', 'compatible']

/** What is usual, so that only the key has to be entered. */
const USUAL: Record<ProviderKind, { base_url: string; model: string }> = {
  openai: { base_url: 'https://api.openai.com/v1', model: 'gpt-4o-mini' },
  anthropic: { base_url: 'https://api.anthropic.com', model: 'claude-3-5-haiku-latest' },
  gemini: { base_url: 'https://generativelanguage.googleapis.com', model: 'gemini-2.0-flash' },
  ollama: { base_url: 'http://127.0.0.1:11434', model: 'llama3.2' },
  compatible: { base_url: '', model: '' },
}

export function ProviderForm({
  provider,
  onClose,
  save,
}: {
  /** Null for a new one. */
  provider: Provider | null
  onClose: () => void
  save: (provider: Provider, key: string) => Promise<unknown>
}) {
  const { t } = useTranslation('settings')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const form = useForm({
    initialValues: {
      kind: provider?.kind ?? ('openai' as ProviderKind),
      name: provider?.name ?? t('answers.kind.openai'),
      base_url: provider?.base_url ?? USUAL.openai.base_url,
      model: provider?.model ?? USUAL.openai.model,
      timeout_s: provider?.timeout_s ?? 20,
      key: '',
    },
    validate: {
      name: (value) => (value.trim() ? null : t('answers.needName')),
      model: (value) => (value.trim() ? null : t('answers.needModel')),
      base_url: (value) => (/^https?:\/\/\S+/.test(value.trim()) ? null : t('answers.needUrl')),
    },
  })
  const choose = (kind: ProviderKind) => {
    const named = KINDS.some((other) => form.values.name === t(`answers.kind.${other}`))
    form.setValues({ kind, ...USUAL[kind], ...(named ? { name: t(`answers.kind.${kind}`) } : {}) })
  }
  const submit = async ({ key, ...values }: typeof form.values) => {
    setBusy(true)
    setError(null)
    try {
      const base = provider ?? { id: NEW + newId(), enabled: true, has_key: false }
      await save({ ...base, ...values, has_key: base.has_key || key !== '' }, key.trim())
      onClose()
    } catch (failure) {
      setError(failure)
      form.setErrors(fieldErrors(failure))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={t('answers.editTitle')}>
      <form className={classes.fields} onSubmit={form.onSubmit((values) => void submit(values))}>
        <Select
          label={t('answers.fieldKind')}
          data={KINDS.map((value) => ({ value, label: t(`answers.kind.${value}`) }))}
          value={form.values.kind}
          onChange={(value) => value && choose(value as ProviderKind)}
        />
        <TextInput label={t('answers.fieldName')} maxLength={60} {...form.getInputProps('name')} />
        {form.values.kind !== 'ollama' && (
          <PasswordInput
            label={t('answers.fieldKey')}
            description={t(provider?.has_key ? 'answers.fieldKeyKept' : 'answers.fieldKeyHint')}
            autoComplete="off"
            dir="ltr"
            {...form.getInputProps('key')}
          />
        )}
        <TextInput label={t('answers.fieldModel')} dir="ltr" spellCheck={false} {...form.getInputProps('model')} />
        <TextInput label={t('answers.fieldUrl')} dir="ltr" spellCheck={false} {...form.getInputProps('base_url')} />
        <NumberInput label={t('answers.fieldTimeout')} min={3} max={120} {...form.getInputProps('timeout_s')} />
        {error !== null && (
          <p className={shared.note} role="alert">
            <strong>{errorText(error)}</strong>
          </p>
        )}
        <div className={shared.inline}>
          <Button type="submit" loading={busy}>
            {t('common:save')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common:cancel')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
