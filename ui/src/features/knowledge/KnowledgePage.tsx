// The sources as cards, a place to drop more of them, and asking beside it.
import { Button, Menu } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import '@mantine/dropzone/styles.layer.css'
import { IconFileUpload, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { sourcesQuery } from '@/api/queries'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { SourceDrop } from '@/components/sources/SourceDrop'
import { SourceIcon } from '@/components/sources/SourceProgress'
import { AddSource } from './AddSource'
import { Frame } from './Frame'
import classes from './Knowledge.module.css'
import { SourceCard } from './SourceCard'
import { ADD_KINDS, type AddKind } from './types'
import { useUpload } from './useUpload'

export function KnowledgePage() {
  const { t } = useTranslation('knowledge')
  const navigate = useNavigate()
  const { add } = useSearch({ strict: false }) as { add?: AddKind }
  const sources = useQuery(sourcesQuery)
  const upload = useUpload()
  const open = (kind: AddKind | null) =>
    void navigate({ to: '/knowledge' as '/', search: (kind ? { add: kind } : {}) as never })

  return (
    <>
      <Frame
        here="sources"
        title={t('place')}
        lead={t('lead')}
        actions={
          <Menu width={300}>
            <Menu.Target>
              <Button leftSection={<IconPlus size={16} />}>{t('add')}</Button>
            </Menu.Target>
            <Menu.Dropdown>
              {ADD_KINDS.map((kind) => (
                <Menu.Item key={kind} leftSection={<SourceIcon kind={kind} />} onClick={() => open(kind)}>
                  <span className={classes.kind}>{t(`kinds.${kind}`)}</span>
                  <span className={classes.kindText}>{t(`kinds.${kind}Text`)}</span>
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        }
      >
        <QueryView query={sources} loading={<Loading shape="cards" count={6} />}>
          {({ items }) =>
            items.length === 0 ? (
              <>
                <EmptyState picture="knowledge" title={t('emptyTitle')} text={t('emptyText')} />
                <SourceDrop />
              </>
            ) : (
              <ul className={classes.cards}>
                {items.map((source) => (
                  <li key={source.id}>
                    <SourceCard source={source} />
                  </li>
                ))}
              </ul>
            )
          }
        </QueryView>
      </Frame>
      <AddSource kind={add ?? null} onClose={() => open(null)} />
      <Dropzone.FullScreen
        active={!add}
        withinPortal={false}
        onDrop={(files) => void upload(files)}
        classNames={{ fullScreen: classes.dropScreen ?? '' }}
      >
        <div className={classes.dropWords}>
          <IconFileUpload size={48} stroke={1.4} aria-hidden />
          <strong>{t('drop')}</strong>
          <span>{t('dropText')}</span>
        </div>
      </Dropzone.FullScreen>
    </>
  )
}
