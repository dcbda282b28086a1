// The public address: entered, then proven by calling it from outside.
import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import { post, put } from '@/api/client'
import { publicAddressQuery } from '@/api/queries'
import type { AddressState, PublicAddress } from '@/api/types'
import { errorText } from '@/components/errorText'
import { Loading, QueryView } from '@/components/States'
import { Tag, type Tone } from '@/components/Tag'
import { Ago } from '@/components/Time'
import { useFormat } from '@/components/useFormat'
import classes from './Channels.module.css'
import { usePublicPort } from './usePublicPort'

const TONES: Record<AddressState, Tone> = {
  none: 'off',
  unproven: 'off',
  proven: 'ok',
  failed: 'attention',
}

export function AddressForm() {
  const query = useQuery(publicAddressQuery)
  return (
    <QueryView query={query} loading={<Loading shape="form" count={1} />}>
      {(address) => <Form key={address.url ?? ''} address={address} />}
    </QueryView>
  )
}

function Form({ address }: { address: PublicAddress }) {
  const { t } = useTranslation('channels')
  const format = useFormat()
  const port = usePublicPort()
  const queries = useQueryClient()
  const [url, setUrl] = useState(address.url ?? '')
  const [bad, setBad] = useState(false)
  const prove = useMutation({
    mutationFn: async (wish: string) => {
      if (wish !== address.url) await put<PublicAddress>('/public-address', { url: wish })
      return post<PublicAddress>('/public-address/prove')
    },
    onSuccess: (next) => queries.setQueryData(publicAddressQuery.queryKey, next),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['status'] }),
  })
  const same = url.trim() === address.url
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault()
        const wish = url.trim().replace(/\/+$/, '')
        const fine = /^https:\/\/[^\s/]+\.[^\s/]+/.test(wish)
        setBad(!fine)
        if (fine) prove.mutate(wish)
      }}
    >
      <TextInput
        label={t('address.label')}
        placeholder={t('address.example')}
        description={t('address.port', { address: port })}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        error={bad ? t('address.bad') : prove.isError ? errorText(prove.error) : undefined}
        inputMode="url"
        dir="ltr"
        autoComplete="off"
        spellCheck={false}
      />
      <div className={classes.inline}>
        <Button type="submit" loading={prove.isPending} disabled={!url.trim()}>
          {same ? t('address.again') : t('address.save')}
        </Button>
        <Tag tone={TONES[address.state]}>{t(`address.state_${address.state}`)}</Tag>
      </div>
      <p className={classes.note} role="status">
        {address.sentence && (
          <>
            {address.sentence} {address.fix && <strong>{address.fix}</strong>}{' '}
            {address.state === 'proven' && address.proven_at && (
              <Trans
                t={t}
                i18nKey="address.proven"
                values={{ time: format.duration(address.round_trip_ms ?? 0) }}
                components={[<span key="0" />, <Ago key="1" at={address.proven_at} />]}
              />
            )}
          </>
        )}
      </p>
    </form>
  )
}
