// Making a bot: a name is enough, the flow is there already.
import { Button, Modal, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { Bot } from '@/api/types'
import { errorText } from '@/components/errorText'
import { tell } from '@/components/notice'
import classes from './Bots.module.css'

export function NewBot({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('bots')
  return (
    <Modal opened={opened} onClose={onClose} title={<strong>{t('newTitle')}</strong>}>
      <Form onClose={onClose} />
    </Modal>
  )
}

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('bots')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [missing, setMissing] = useState(false)
  const make = useMutation({
    mutationFn: () => post<Bot>('/bots', { name: name.trim(), description: description.trim() }),
    onSuccess: (bot) => {
      void queries.invalidateQueries({ queryKey: ['bots'] })
      tell(t('made', { name: bot.name }))
      onClose()
      void navigate({ to: `/bots/${bot.id}` as '/' })
    },
  })
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        setMissing(!name.trim())
        if (name.trim()) make.mutate()
      }}
    >
      <TextInput
        label={t('name')}
        description={t('nameHint')}
        maxLength={80}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value)
          setMissing(false)
        }}
        error={missing ? t('nameNeeded') : null}
        data-autofocus
      />
      <Textarea
        label={t('description')}
        description={t('descriptionHint')}
        maxLength={500}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {make.isError && (
        <p className={classes.error} role="alert">
          {errorText(make.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={make.isPending}>
          {t('make')}
        </Button>
      </div>
    </form>
  )
}
