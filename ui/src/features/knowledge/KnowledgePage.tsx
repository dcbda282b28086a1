// The sources as cards, a place to drop more of them, and asking beside it.
import { Button, Drawer, Menu } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import '@mantine/dropzone/styles.layer.css'
import { useMediaQuery } from '@mantine/hooks'
import { IconFileUpload, IconMessageQuestion, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { sourcesQuery } from '@/api/queries'
import { Page, PageHeader } from '@/components/Page'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { SourceDrop } from '@/components/sources/SourceDrop'
import { SourceIcon } from '@/components/sources/SourceProgress'
import { useShortcuts } from '@/lib/shortcuts'
import { AddSource } from './AddSource'
import { AskPane } from './AskPane'
import classes from './Knowledge.module.css'
import { SourceCard } from './SourceCard'
import { KnowledgeTabs } from './Tabs'
import { ADD_KINDS, type AddKind } from './types'
import { useUpload } from './useUpload'

export function KnowledgePage() {
  const { t } = useTranslation('knowledge')
  const navigate = useNavigate()
  const { add } = useSearch({ strict: false }) as { add?: AddKind }
  const sources = useQuery(sourcesQuery)
  const wide = useMediaQuery('(min-width: 1180px)', true, { getInitialValueInEffect: false })
  const [asking, setAsking] = useState(false)
  const upload = useUpload()
  const open = (kind: AddKind | null) =>
    void navigate({ to: '/knowledge' as '/', search: (kind ? { add: kind } : {}) as never })
  useShortcuts(t('keys.title'), [
    { keys: 'n', label: t('keys.add'), run: () => open('file') },
    {
      keys: 'a',
      label: t('keys.ask'),
      run: () => (wide ? document.querySelector<HTMLElement>('[data-ask] textarea')?.focus() : setAsking(true)),
    },
  ])
  const ready = sources.data?.items.some((source) => source.state === 'ready') ?? false

  return (
    <div className={classes.place} data-wide={wide || undefined}>
      <div className={classes.main}>
        <Page>
          <PageHeader
            title={t('place')}
            lead={t('lead')}
            actions={
              <>
                {!wide && (
                  <Button
                    variant="default"
                    leftSection={<IconMessageQuestion size={16} stroke={1.6} />}
                    onClick={() => setAsking(true)}
                  >
                    {t('ask')}
                  </Button>
                )}
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
              </>
            }
          />
          <KnowledgeTabs here="sources" />
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
        </Page>
      </div>
      {wide ? (
        <aside className={classes.ask} aria-label={t('askOpen')} data-ask="">
          <AskPane ready={ready} />
        </aside>
      ) : (
        <Drawer
          opened={asking}
          onClose={() => setAsking(false)}
          position="right"
          size="md"
          title={<strong>{t('askOpen')}</strong>}
          classNames={{ body: classes.askDrawer ?? '' }}
        >
          <AskPane ready={ready} />
        </Drawer>
      )}
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
    </div>
  )
}
