// The flows that a person may begin in this conversation, by the names that they have for the inbox.
import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import { tell, tellError } from '@/components/notice'
import { startableQuery } from './queries'
import type { Conversation, Startable } from './types'

export function StartFlow({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('inbox')
  const queries = useQueryClient()
  const { data: flows = [] } = useQuery(startableQuery(conversation.id))
  const start = useMutation({
    mutationFn: ({ flow }: Startable) => post<void>(`/conversations/${conversation.id}/start`, { flow }),
    onSuccess: (_, { label }) => tell(t('flowStarted', { name: label })),
    onError: tellError,
    onSettled: () => {
      for (const tag of ['conversations', `conversation:${conversation.id}`])
        void queries.invalidateQueries({ queryKey: [tag] })
    },
  })
  if (flows.length === 0) return null
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Tooltip label={t('startFlow')}>
          <ActionIcon aria-label={t('startFlow')} loading={start.isPending}>
            <IconPlayerPlay size={20} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('startFlow')}</Menu.Label>
        {flows.map((flow) => (
          <Menu.Item key={`${flow.flow} ${flow.label}`} onClick={() => start.mutate(flow)}>
            <bdi>{flow.label}</bdi>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
