// What can be done with a source: edit, rename, choose the bots, read again, delete with undo.
import { ActionIcon, Menu } from '@mantine/core'
import { IconDots, IconForms, IconPencil, IconRefresh, IconRobot, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { del, post } from '@/api/client'
import { sourcesQuery } from '@/api/queries'
import type { Source } from '@/api/types'
import { tell, tellError, useDelete } from '@/components/notice'
import { BotsDialog, EditDialog, RenameDialog } from './SourceDialogs'

export function SourceMenu({ source, onRemoved }: { source: Source; onRemoved?: () => void }) {
  const { t } = useTranslation('knowledge')
  const queries = useQueryClient()
  const [dialog, setDialog] = useState<'rename' | 'bots' | 'edit' | null>(null)
  const remove = useDelete([['sources'], ['home']])
  const editable = source.kind === 'text' || source.kind === 'pairs'
  const close = () => setDialog(null)
  return (
    <>
      <Menu width={220}>
        <Menu.Target>
          <ActionIcon aria-label={t('actions', { title: source.title })} style={{ position: 'relative', zIndex: 1 }}>
            <IconDots size={20} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {editable && (
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setDialog('edit')}>
              {t(source.kind === 'pairs' ? 'editPairs' : 'editText')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconForms size={16} />} onClick={() => setDialog('rename')}>
            {t('rename')}
          </Menu.Item>
          <Menu.Item leftSection={<IconRobot size={16} />} onClick={() => setDialog('bots')}>
            {t('whichBots')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconRefresh size={16} />}
            onClick={() =>
              void post(`/sources/${source.id}/refresh`).then(
                () => tell(t('readingAgain', { title: source.title })),
                tellError,
              )
            }
          >
            {t('readAgain')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="danger"
            leftSection={<IconTrash size={16} />}
            onClick={() =>
              void remove({
                message: t('removed', { title: source.title }),
                hide: () => {
                  queries.setQueryData(sourcesQuery.queryKey, (now) =>
                    now ? { ...now, items: now.items.filter((other) => other.id !== source.id) } : now,
                  )
                  onRemoved?.()
                },
                remove: () => del(`/sources/${source.id}`),
                restore: () => post(`/sources/${source.id}/restore`),
              })
            }
          >
            {t('remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === 'rename' && <RenameDialog source={source} onClose={close} />}
      {dialog === 'bots' && <BotsDialog source={source} onClose={close} />}
      {dialog === 'edit' && <EditDialog source={source} onClose={close} />}
    </>
  )
}
