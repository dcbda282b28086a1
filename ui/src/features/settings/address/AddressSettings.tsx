// Settings, Public address: how it stands, and how the world reaches this computer.
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { publicAddressQuery } from '@/api/queries'
import { AddressStatus } from '@/components/channels/address/AddressStatus'
import { Ways } from '@/components/channels/address/Ways'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import { Loading, QueryView } from '@/components/States'

export function AddressSettings() {
  const { t } = useTranslation('address')
  const query = useQuery(publicAddressQuery)
  return (
    <Page size="narrow">
      <PageHeader title={t('title')} lead={t('lead')} />
      <QueryView query={query} loading={<Loading shape="form" count={3} />}>
        {(address) => (
          <>
            <Panel>
              <AddressStatus address={address} />
            </Panel>
            <Panel title={t('ways')} lead={t('waysLead')}>
              <Ways address={address} />
            </Panel>
          </>
        )}
      </QueryView>
    </Page>
  )
}
