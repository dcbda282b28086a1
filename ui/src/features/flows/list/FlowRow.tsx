// One flow in the list: its name, its size, what is wrong with it, and what can be done with it.
import { ActionIcon, Menu } from '@mantine/core'
import { IconCopy, IconDots, IconFileExport, IconPencil, IconSitemap, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { tell, tellError, useDelete } from '@/components/notice'
import { Row } from '@/components/Panel'
import { Tag } from '@/components/Tag'
import { useFormat } from '@/components/useFormat'
import { deleteFlow, exportFlow, flowsQuery, restoreFlow, useCreateFlow } from '../api'
import { download, fileName } from '../model/files'
import type { FlowSummary } from '../types'
import classes from './Flows.module.css'

export function FlowRow({ botId, flow, onRename }: { botId: string; flow: FlowSummary; onRename: () => void }) {
  const { t } = useTranslation('flows')
  const format = useFormat()
  const queries = useQueryClient()
  const create = useCreateFlow(botId)
  const remove = useDelete([['flows', botId]])
  const discard = () =>
    remove({
      message: t('flowRemoved', { name: flow.name }),
      hide: () =>
        queries.setQueryData(flowsQuery(botId).queryKey, (now) =>
          now ? { ...now, items: now.items.filter((one) => one.id !== flow.id) } : now,
        ),
      remove: () => deleteFlow(botId, flow.id),
      restore: () => restoreFlow(botId, flow.id),
    })
  const duplicate = () =>
    create.mutate(
      { name: t('copyOf', { name: flow.name }), folder: flow.folder, copy_of: flow.id },
      { onSuccess: (made) => tell(t('duplicated', { name: made.name })), onError: tellError },
    )
  const save = async () => {
    try {
      const definition = await exportFlow(botId, flow.id)
      const blob = new Blob([JSON.stringify(definition, null, 2)], { type: 'application/json' })
      download(fileName(flow.name, 'json'), blob)
    } catch (error) {
      tellError(error)
    }
  }
  const facts = [t('steps', { count: flow.steps, number: format.number(flow.steps) }), format.ago(flow.updated_at)]
  return (
    <Row
      icon={<IconSitemap size={20} stroke={1.6} />}
      title={
        <Link to={`/bots/${botId}/flows/${flow.id}` as '/'} className={classes.link}>
          <bdi>{flow.name}</bdi>
        </Link>
      }
      text={facts.join(' · ')}
      end={
        <>
          {flow.errors > 0 && <Tag tone="attention">{t('errors', { count: flow.errors })}</Tag>}
          {flow.errors === 0 && flow.warnings > 0 && <Tag>{t('warnings', { count: flow.warnings })}</Tag>}
          <Menu width={220}>
            <Menu.Target>
              <ActionIcon aria-label={t('flowDeeds', { name: flow.name })}>
                <IconDots size={20} stroke={1.6} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={onRename}>
                {t('rename')}
              </Menu.Item>
              <Menu.Item leftSection={<IconCopy size={16} />} onClick={duplicate}>
                {t('duplicate')}
              </Menu.Item>
              <Menu.Item leftSection={<IconFileExport size={16} />} onClick={() => void save()}>
                {t('exportFile')}
              </Menu.Item>
              <Menu.Item color="danger" leftSection={<IconTrash size={16} />} onClick={() => void discard()}>
                {t('deleteFlow')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      }
    />
  )
}
