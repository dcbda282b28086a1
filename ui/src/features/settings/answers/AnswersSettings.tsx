// Settings, Answers: how sure, how it sounds, and who puts the words together.
import { SegmentedControl, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { AnswerSettings, Threshold } from '@/api/types'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import { SaveState } from '@/components/SaveState'
import { Loading, QueryView } from '@/components/States'
import { useAutosave } from '@/components/useAutosave'
import classes from '../Settings.module.css'
import { ModelsPanel } from './ModelsPanel'
import { ProvidersPanel } from './ProvidersPanel'
import { answerSettingsQuery, useSaveAnswers } from './useAnswerSettings'

export function AnswersSettings() {
  const { t } = useTranslation('settings')
  const query = useQuery(answerSettingsQuery)
  return (
    <Page size="narrow">
      <PageHeader title={t('answers.title')} lead={t('answers.lead')} />
      <QueryView query={query} loading={<Loading shape="form" />}>
        {(settings) => (
          <>
            <Style settings={settings} />
            <ProvidersPanel settings={settings} />
            <ModelsPanel settings={settings} />
          </>
        )}
      </QueryView>
    </Page>
  )
}

function Style({ settings }: { settings: AnswerSettings }) {
  const { t } = useTranslation('settings')
  const save = useSaveAnswers()
  const { values, set, state } = useAutosave({ tone: settings.tone }, (change) =>
    save.mutateAsync({ settings: { ...settings, ...change } }),
  )
  return (
    <Panel title={t('answers.sureTitle')} actions={<SaveState state={state} />}>
      <div className={classes.stack}>
        <div>
          <SegmentedControl
            aria-label={t('answers.sureTitle')}
            value={settings.threshold}
            onChange={(value) => save.mutate({ settings: { ...settings, threshold: value as Threshold } })}
            data={(['careful', 'balanced', 'bold'] as const).map((value) => ({
              value,
              label: t(`answers.threshold.${value}`),
            }))}
          />
        </div>
        <p className={classes.note}>{t(`answers.thresholdText.${settings.threshold}`)}</p>
        <Textarea
          label={t('answers.tone')}
          description={t('answers.toneHint')}
          value={values.tone}
          onChange={(event) => set('tone', event.currentTarget.value)}
          maxLength={500}
        />
      </div>
    </Panel>
  )
}
