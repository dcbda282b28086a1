// The dialogs of one source: its title, the bots that use it, its text.
import { Button, Checkbox, Modal, Radio, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { patch, put } from '@/api/client'
import { botsQuery } from '@/api/queries'
import type { Source, SourceContent } from '@/api/types'
import { errorText } from '@/components/errorText'
import { tell } from '@/components/notice'
import { Loading, QueryView } from '@/components/States'
import { PairsForm, TextForm } from './ContentForms'
import classes from './Knowledge.module.css'
import { contentQuery } from './queries'

type Props = { source: Source; onClose: () => void }

function useRefresh(id: string) {
  const queries = useQueryClient()
  return () => {
    for (const tag of ['sources', `source:${id}`]) void queries.invalidateQueries({ queryKey: [tag] })
  }
}

function usePatch({ source, onClose }: Props) {
  const refresh = useRefresh(source.id)
  return useMutation({
    mutationFn: (change: { title?: string; bot_ids?: string[] }) => patch<Source>(`/sources/${source.id}`, change),
    onSuccess: () => {
      refresh()
      onClose()
    },
  })
}

function Foot({ change, onClose }: { change: { isPending: boolean; error: unknown }; onClose: () => void }) {
  const { t } = useTranslation('knowledge')
  return (
    <>
      {change.error !== null && (
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
    </>
  )
}

export function RenameDialog(props: Props) {
  const { t } = useTranslation('knowledge')
  const [title, setTitle] = useState(props.source.title)
  const change = usePatch(props)
  return (
    <Modal opened onClose={props.onClose} title={<strong>{t('rename')}</strong>}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (title.trim()) change.mutate({ title: title.trim() })
        }}
      >
        <TextInput
          label={t('title')}
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={title.trim() ? null : t('titleNeeded')}
          data-autofocus
        />
        <Foot change={change} onClose={props.onClose} />
      </form>
    </Modal>
  )
}

export function BotsDialog(props: Props) {
  const { t } = useTranslation('knowledge')
  const bots = useQuery(botsQuery)
  const [chosen, setChosen] = useState<string[] | null>(props.source.bot_ids)
  const change = usePatch(props)
  return (
    <Modal opened onClose={props.onClose} title={<strong>{t('whichBots')}</strong>}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          // An empty list means all bots, so that choosing none is no choice.
          if (chosen?.length !== 0) change.mutate({ bot_ids: chosen ?? [] })
        }}
      >
        <Radio.Group
          value={chosen === null ? 'all' : 'some'}
          onChange={(value) => setChosen(value === 'all' ? null : (props.source.bot_ids ?? []))}
          aria-label={t('whichBots')}
        >
          <div className={classes.form}>
            <Radio value="all" label={t('allBots')} description={t('allBotsText')} />
            <Radio value="some" label={t('onlyThese')} />
          </div>
        </Radio.Group>
        {chosen !== null && (
          <QueryView query={bots} loading={<Loading shape="text" count={2} />}>
            {({ items }) => (
              <Checkbox.Group value={chosen} onChange={setChosen} aria-label={t('onlyThese')}>
                <div className={classes.indent}>
                  {items.map((bot) => (
                    <Checkbox key={bot.id} value={bot.id} label={bot.name} />
                  ))}
                </div>
              </Checkbox.Group>
            )}
          </QueryView>
        )}
        {chosen?.length === 0 && <p className={classes.quiet}>{t('chooseBot')}</p>}
        <Foot change={change} onClose={props.onClose} />
      </form>
    </Modal>
  )
}

export function EditDialog({ source, onClose }: Props) {
  const { t } = useTranslation('knowledge')
  const query = useQuery({ ...contentQuery(source.id), staleTime: 0 })
  const refresh = useRefresh(source.id)
  const save = useMutation({
    mutationFn: (content: Pick<SourceContent, 'html' | 'pairs'>) =>
      put<Source>(`/sources/${source.id}/content`, content),
    onSuccess: () => {
      refresh()
      tell(t('added', { title: source.title }))
      onClose()
    },
  })
  const common = {
    title: source.title,
    draft: `edit-${source.id}`,
    busy: save.isPending,
    error: save.error,
    onCancel: onClose,
  }
  return (
    <Modal opened onClose={onClose} title={<strong>{source.title}</strong>} size="lg">
      <QueryView query={query} loading={<Loading shape="form" count={2} />}>
        {(content) =>
          source.kind === 'pairs' ? (
            <PairsForm {...common} pairs={content.pairs ?? []} onSave={({ pairs }) => save.mutateAsync({ pairs })} />
          ) : (
            <TextForm {...common} html={content.html ?? ''} onSave={({ html }) => save.mutateAsync({ html })} />
          )
        }
      </QueryView>
    </Modal>
  )
}
