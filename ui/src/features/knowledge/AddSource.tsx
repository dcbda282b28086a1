// Adding: files, a web page, a typed text, questions with answers.
import { Button, Modal, Switch, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { Source } from '@/api/types'
import { errorText, fieldErrors } from '@/components/errorText'
import { tell } from '@/components/notice'
import { SourceDrop } from '@/components/sources/SourceDrop'
import { PairsForm, TextForm } from './ContentForms'
import classes from './Knowledge.module.css'
import type { AddKind } from './types'

export function AddSource({ kind, onClose }: { kind: AddKind | null; onClose: () => void }) {
  const { t } = useTranslation('knowledge')
  return (
    <Modal opened={kind !== null} onClose={onClose} title={kind && <strong>{t(`adding.${kind}`)}</strong>} size="lg">
      {kind === 'file' && (
        <SourceDrop
          onAdded={({ items }) => {
            // With a refusal on screen the dialog stays, since the reason stands in it.
            if (items.every((item) => item.source)) onClose()
          }}
        />
      )}
      {kind === 'web' && <WebForm onDone={onClose} />}
      {kind === 'text' && <NewContent kind="text" onDone={onClose} />}
      {kind === 'pairs' && <NewContent kind="pairs" onDone={onClose} />}
    </Modal>
  )
}

function useAdd(path: string, onDone: () => void) {
  const { t } = useTranslation('knowledge')
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: unknown) => post<Source>(path, body),
    onSuccess: (source) => {
      for (const tag of ['sources', 'home']) void queries.invalidateQueries({ queryKey: [tag] })
      tell(t('added', { title: source.title }))
      onDone()
    },
  })
}

/** `shop.com/prices` as people type it gets its `https://`. */
export function wholeAddress(text: string): string | null {
  const typed = text.trim()
  if (!typed || /\s/.test(typed)) return null
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(typed) ? typed : `https://${typed}`)
    return /^https?:$/.test(url.protocol) && /\.|^localhost$/.test(url.hostname) ? url.href : null
  } catch {
    return null
  }
}

function WebForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('knowledge')
  const [url, setUrl] = useState('')
  const [whole, setWhole] = useState(false)
  const [bad, setBad] = useState(false)
  const add = useAdd('/sources/web', onDone)
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const address = wholeAddress(url)
        setBad(!address)
        if (address) add.mutate({ url: address, whole_site: whole })
      }}
    >
      <TextInput
        label={t('url')}
        description={t('urlHint')}
        type="url"
        dir="ltr"
        value={url}
        onChange={(event) => {
          setUrl(event.currentTarget.value)
          setBad(false)
        }}
        error={bad ? t('urlBad') : fieldErrors(add.error).url}
        data-autofocus
      />
      <Switch
        label={t('wholeSite')}
        description={t('wholeSiteText')}
        checked={whole}
        onChange={(event) => setWhole(event.currentTarget.checked)}
      />
      {add.isError && (
        <p className={classes.error} role="alert">
          {errorText(add.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={add.isPending}>
          {t('addIt')}
        </Button>
      </div>
    </form>
  )
}

function NewContent({ kind, onDone }: { kind: 'text' | 'pairs'; onDone: () => void }) {
  const add = useAdd(kind === 'text' ? '/sources/text' : '/sources/pairs', onDone)
  const Form = kind === 'text' ? TextForm : PairsForm
  return (
    <Form
      draft={`new-${kind}`}
      busy={add.isPending}
      error={add.error}
      onCancel={onDone}
      onSave={(content) => add.mutateAsync(content)}
    />
  )
}
