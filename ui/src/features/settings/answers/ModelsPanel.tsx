// The models on this computer: fetched with a bar that can be stopped and gone on with.
import { Button, Progress, Switch } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { del, post } from '@/api/client'
import { modelsQuery } from '@/api/queries'
import type { AnswerSettings, Model, ModelState } from '@/api/types'
import { tellError } from '@/components/notice'
import { Panel } from '@/components/Panel'
import { Loading, QueryView } from '@/components/States'
import { Tag, type Tone } from '@/components/Tag'
import { useFormat } from '@/components/useFormat'
import classes from './Answers.module.css'
import { useSaveAnswers } from './useAnswerSettings'

const TONES: Record<ModelState, Tone> = {
  absent: 'off',
  unloaded: 'ok',
  loading: 'working',
  ready: 'ok',
  downloading: 'working',
  damaged: 'attention',
}

export function ModelsPanel({ settings }: { settings: AnswerSettings }) {
  const { t } = useTranslation('settings')
  const save = useSaveAnswers()
  const query = useQuery({
    ...modelsQuery,
    refetchInterval: (current) =>
      current.state.data?.items.some((model) => model.state === 'downloading') ? 3_000 : false,
  })
  return (
    <Panel title={t('answers.modelsTitle')} lead={t('answers.modelsLead')} flush>
      <QueryView query={query} loading={<Loading count={2} />}>
        {({ items }) => (
          <>
            {items.map((model) => (
              <ModelRow key={model.id} model={model} />
            ))}
            <div className={classes.local}>
              <Switch
                label={t('answers.useLocal')}
                checked={settings.use_local_chat}
                onChange={(event) =>
                  save.mutate({ settings: { ...settings, use_local_chat: event.currentTarget.checked } })
                }
              />
            </div>
          </>
        )}
      </QueryView>
    </Panel>
  )
}

function ModelRow({ model }: { model: Model }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const queries = useQueryClient()
  const act = useMutation({
    mutationFn: (deed: 'download' | 'cancel' | 'delete') =>
      deed === 'delete' ? del(`/models/${model.id}`) : post<void>(`/models/${model.id}/${deed}`),
    onError: tellError,
    onSettled: () => void queries.invalidateQueries({ queryKey: ['models'] }),
  })
  const { state, size_bytes: size, downloaded_bytes: got } = model
  const has = state === 'ready' || state === 'unloaded' || state === 'loading'
  const started = state === 'absent' && got > 0 && got < size
  return (
    <div className={classes.model}>
      <div className={classes.words}>
        <div className={classes.name}>{model.name}</div>
        <div className={classes.text}>{model.description}</div>
        <div className={classes.text}>{t('answers.licence', { licence: model.licence })}</div>
        {state === 'downloading' && (
          <div className={classes.bar}>
            <Progress value={size > 0 ? (got / size) * 100 : 0} aria-label={model.name} />
            <span>{t('answers.progress', { done: format.bytes(got), total: format.bytes(size) })}</span>
          </div>
        )}
      </div>
      <div className={classes.end}>
        <Tag tone={TONES[state]}>{t(`answers.modelState.${state}`)}</Tag>
        {(state === 'absent' || state === 'damaged') && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDownload size={16} />}
            loading={act.isPending}
            onClick={() => act.mutate('download')}
          >
            {state === 'damaged'
              ? t('answers.again')
              : started
                ? t('answers.resume', { size: format.bytes(size - got) })
                : t('answers.download', { size: format.bytes(size) })}
          </Button>
        )}
        {state === 'downloading' && (
          <Button variant="default" size="xs" onClick={() => act.mutate('cancel')}>
            {t('answers.stop')}
          </Button>
        )}
        {has && !model.in_use && (
          <Button variant="subtle" color="gray" size="xs" onClick={() => act.mutate('delete')}>
            {t('answers.delete')}
          </Button>
        )}
      </div>
    </div>
  )
}
