// Another name for a flow, or another folder.
import { Autocomplete, Button, Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { flowsQuery, useChangeFlow } from '../api'
import classes from './Flows.module.css'

type Named = { id: string; name: string; folder: string }

export function RenameDialog({ botId, flow, onClose }: { botId: string; flow: Named | null; onClose: () => void }) {
  const { t } = useTranslation('flows')
  return (
    <Modal opened={flow !== null} onClose={onClose} title={t('rename')}>
      {flow && <Form botId={botId} flow={flow} onClose={onClose} />}
    </Modal>
  )
}

function Form({ botId, flow, onClose }: { botId: string; flow: Named; onClose: () => void }) {
  const { t } = useTranslation('flows')
  const [name, setName] = useState(flow.name)
  const [folder, setFolder] = useState(flow.folder)
  const { data } = useQuery(flowsQuery(botId))
  const folders = [...new Set(data?.items.map((one) => one.folder).filter(Boolean))]
  const change = useChangeFlow(botId)
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (!name.trim()) return
        change.mutate({ flowId: flow.id, name: name.trim(), folder: folder.trim() }, { onSuccess: onClose })
      }}
    >
      <TextInput
        label={t('name')}
        value={name}
        maxLength={80}
        onChange={(event) => setName(event.currentTarget.value)}
        error={name.trim() ? null : t('nameNeeded')}
        dir="auto"
        data-autofocus
      />
      <Autocomplete
        size="md"
        label={t('folder')}
        description={t('folderHint')}
        value={folder}
        onChange={setFolder}
        data={folders}
        maxLength={60}
      />
      {change.isError && (
        <p className={classes.error} role="alert">
          {errorText(change.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={change.isPending}>
          {t('common:save')}
        </Button>
      </div>
    </form>
  )
}
