// A new flow: empty, from a ready one, or from a file.
import { Button, Modal, TextInput } from '@mantine/core'
import { IconFile, IconFileImport, IconSitemap } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { Loading, QueryView } from '@/components/States'
import { templatesQuery, useCreateFlow, type NewFlow as Wish } from '../api'
import { MOST_BYTES, readExport } from '../model/files'
import classes from './Flows.module.css'

export function NewFlow({ botId, opened, onClose }: { botId: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('flows')
  return (
    <Modal opened={opened} onClose={onClose} title={t('newFlow')} size={560}>
      <Form botId={botId} onClose={onClose} />
    </Modal>
  )
}

function Form({ botId, onClose }: { botId: string; onClose: () => void }) {
  const { t } = useTranslation('flows')
  const navigate = useNavigate()
  const templates = useQuery(templatesQuery)
  const create = useCreateFlow(botId)
  const [name, setName] = useState('')
  const [refused, setRefused] = useState(false)
  const file = useRef<HTMLInputElement>(null)
  const begin = (wish: Wish) =>
    create.mutate(wish, {
      onSuccess: (made) => {
        onClose()
        void navigate({ to: `/bots/${botId}/flows/${made.id}` as '/' })
      },
    })
  const read = async (chosen: File | undefined) => {
    const found = chosen && chosen.size <= MOST_BYTES ? readExport(await chosen.text()) : null
    setRefused(!found)
    if (found) begin({ name: name.trim() || found.name || t('newName'), definition: found.definition })
  }
  return (
    <div className={classes.form}>
      <TextInput
        label={t('name')}
        placeholder={t('newName')}
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && begin({ name: name.trim() || t('newName') })}
        dir="auto"
        data-autofocus
      />
      <div className={classes.starts}>
        <Start
          icon={<IconFile size={20} stroke={1.6} />}
          title={t('beginEmpty')}
          text={t('beginEmptyText')}
          disabled={create.isPending}
          onClick={() => begin({ name: name.trim() || t('newName') })}
        />
        <Start
          icon={<IconFileImport size={20} stroke={1.6} />}
          title={t('beginFile')}
          text={t('beginFileText')}
          disabled={create.isPending}
          onClick={() => file.current?.click()}
        />
        <input
          ref={file}
          type="file"
          accept="application/json,.json"
          hidden
          onChange={(event) => {
            void read(event.currentTarget.files?.[0])
            event.currentTarget.value = ''
          }}
        />
      </div>
      {(refused || create.isError) && (
        <p className={classes.error} role="alert">
          {refused ? t('fileRefused') : errorText(create.error)}
        </p>
      )}
      <h3 className={classes.startsTitle}>{t('readyFlows')}</h3>
      <QueryView query={templates} loading={<Loading shape="list" count={3} />}>
        {(list) => (
          <div className={classes.starts}>
            {list.map((template) => (
              <Start
                key={template.id}
                icon={<IconSitemap size={20} stroke={1.6} />}
                title={template.name}
                text={template.about}
                small={[
                  t('readySize', { count: template.steps }),
                  template.tests > 0 && t('readyTests', { count: template.tests }),
                ]
                  .filter(Boolean)
                  .join(' · ')}
                disabled={create.isPending}
                onClick={() => begin({ name: name.trim() || template.name, template: template.id })}
              />
            ))}
          </div>
        )}
      </QueryView>
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
      </div>
    </div>
  )
}

function Start(props: {
  icon: ReactNode
  title: string
  text: string
  small?: string
  disabled: boolean
  onClick: () => void
}) {
  return (
    <button type="button" className={classes.start} disabled={props.disabled} onClick={props.onClick}>
      <span className={classes.startIcon}>{props.icon}</span>
      <span className={classes.startWords}>
        <strong>{props.title}</strong>
        <span>{props.text}</span>
        {props.small && <span className={classes.quiet}>{props.small}</span>}
      </span>
    </button>
  )
}
