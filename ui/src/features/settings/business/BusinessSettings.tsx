// Settings, Business: every field saves itself.
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { patch, post } from '@/api/client'
import { businessQuery } from '@/api/queries'
import type { Business } from '@/api/types'
import { LocaleFields, NameFields } from '@/components/business/BusinessFields'
import { errorText } from '@/components/errorText'
import { tellError } from '@/components/notice'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import { SaveState } from '@/components/SaveState'
import { Loading, QueryView } from '@/components/States'
import { useAutosave } from '@/components/useAutosave'
import classes from '../Settings.module.css'

export function BusinessSettings() {
  const query = useQuery(businessQuery)
  return (
    <Page size="narrow">
      <QueryView query={query} loading={<Loading shape="form" />}>
        {(business) => <Fields business={business} />}
      </QueryView>
    </Page>
  )
}

function Fields({ business }: { business: Business }) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const { values, set, state, error, fields } = useAutosave<Business>(business, async (change) => {
    queries.setQueryData(businessQuery.queryKey, await patch<Business>('/business', change))
  })
  const sample = useMutation({
    mutationFn: () => post('/sample'),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellError,
  })
  return (
    <>
      <PageHeader title={t('business.title')} lead={t('business.lead')} actions={<SaveState state={state} />} />
      {state === 'failed' && Object.keys(fields).length === 0 && (
        <Panel tone="danger">
          <span role="alert">{errorText(error)}</span>
        </Panel>
      )}
      <Panel>
        <NameFields values={values} set={set} errors={fields} />
      </Panel>
      <Panel title={t('business.localeTitle')}>
        <LocaleFields values={values} set={set} errors={fields} />
      </Panel>
      <Panel title={t('business.sampleTitle')}>
        <div className={classes.stack}>
          <p className={classes.note}>{t(business.sample_loaded ? 'business.sampleDone' : 'business.sampleText')}</p>
          {!business.sample_loaded && (
            <div>
              <Button variant="default" loading={sample.isPending} onClick={() => sample.mutate()}>
                {t('business.sampleGo')}
              </Button>
            </div>
          )}
        </div>
      </Panel>
    </>
  )
}
