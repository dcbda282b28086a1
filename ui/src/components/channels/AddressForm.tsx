// The public address inside the steps to WhatsApp: how it stands, and the ways to get one.
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { publicAddressQuery } from '@/api/queries'
import type { PublicAddress } from '@/api/types'
import { Loading, QueryView } from '@/components/States'
import classes from './address/Address.module.css'
import { AddressStatus } from './address/AddressStatus'
import { Ways } from './address/Ways'

/** `check`: the button that has the step checked. */
export function AddressForm({ check }: { check?: ReactNode }) {
  const query = useQuery(publicAddressQuery)
  return (
    <QueryView query={query} loading={<Loading shape="form" count={1} />}>
      {(address) => <Form address={address} check={check} />}
    </QueryView>
  )
}

function Form({ address, check }: { address: PublicAddress; check: ReactNode }) {
  const { t } = useTranslation('address')
  // Open while there is none; it stays as it is when one has been chosen.
  const [open] = useState(address.way === 'none')
  return (
    <div className={classes.stack}>
      {address.way !== 'none' && <AddressStatus address={address} check={check} />}
      <details className={classes.more} open={open}>
        <summary>{t('ways')}</summary>
        <Ways address={address} />
      </details>
    </div>
  )
}
