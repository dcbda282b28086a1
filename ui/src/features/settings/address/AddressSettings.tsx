// Settings, Public address.
import { useTranslation } from 'react-i18next'
import { AddressForm } from '@/components/channels/AddressForm'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import classes from '../Settings.module.css'

export function AddressSettings() {
  const { t } = useTranslation('settings')
  return (
    <Page size="narrow">
      <PageHeader title={t('address.title')} lead={t('address.lead')} />
      <Panel>
        <AddressForm />
      </Panel>
      <Panel title={t('address.howTitle')}>
        <ol className={classes.how}>
          <li>{t('address.how1')}</li>
          <li>{t('address.how2')}</li>
          <li>{t('address.how3')}</li>
          <li>{t('address.how4')}</li>
        </ol>
      </Panel>
    </Page>
  )
}
