// Settings, Public address.
import { useTranslation } from 'react-i18next'
import { CopyField } from '@/components/CopyField'
import { AddressForm } from '@/components/channels/AddressForm'
import { usePublicPort } from '@/components/channels/usePublicPort'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import classes from '../Settings.module.css'

export function AddressSettings() {
  const { t } = useTranslation('settings')
  const port = usePublicPort()
  return (
    <Page size="narrow">
      <PageHeader title={t('address.title')} lead={t('address.lead')} />
      <Panel>
        <AddressForm />
      </Panel>
      <Panel title={t('address.howTitle')}>
        <ol className={classes.how}>
          <li>{t('address.how1')}</li>
          <li>
            {t('address.how2')}
            <CopyField label={t('address.local')} value={port} />
          </li>
          <li>{t('address.how3')}</li>
          <li>{t('address.how4')}</li>
        </ol>
      </Panel>
    </Page>
  )
}
