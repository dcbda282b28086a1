// Settings, E-mail and secrets: what flows need to reach beyond the conversation.
import { useTranslation } from 'react-i18next'
import { Page, PageHeader } from '@/components/Page'
import { MailPanel } from './MailPanel'
import { SecretsPanel } from './SecretsPanel'

export function ServicesSettings() {
  const { t } = useTranslation('settings')
  return (
    <Page size="narrow">
      <PageHeader title={t('services.title')} lead={t('services.lead')} />
      <MailPanel />
      <SecretsPanel />
    </Page>
  )
}
