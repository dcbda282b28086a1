// Another computer answers for the number: why nothing is sent from here, and the one button that changes it.
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import { publicAddressQuery } from '@/api/queries'
import type { Channel, Checks } from '@/api/types'
import { tell, tellError } from '@/components/notice'
import { Panel } from '@/components/Panel'
import classes from './Channels.module.css'

export function TakeOver({ channel }: { channel: Channel }) {
  const { t } = useTranslation('moving')
  const queries = useQueryClient()
  const { data: address } = useQuery(publicAddressQuery)
  const take = useMutation({
    mutationFn: () => post<Checks>(`/channels/${channel.id}/subscribe`),
    onSuccess: () => tell(t('taken')),
    onError: tellError,
    onSettled: () => {
      for (const tag of ['channels', 'home', 'bots']) void queries.invalidateQueries({ queryKey: [tag] })
    },
  })
  const ready = Boolean(address?.url)
  return (
    <Panel tone="attention" title={t('elsewhere')}>
      <p className={classes.text} role="alert">
        {channel.trouble?.message}
      </p>
      {address && !ready && <p className={classes.note}>{t('takeOverNeeds')}</p>}
      <div className={classes.inline}>
        <Button onClick={() => take.mutate()} loading={take.isPending} disabled={!ready}>
          {t('takeOver')}
        </Button>
        {address && !ready && (
          <Button variant="default" renderRoot={(props) => <Link {...props} to="/settings/address" />}>
            {t('address')}
          </Button>
        )}
      </div>
    </Panel>
  )
}
