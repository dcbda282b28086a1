// The flows of a bot by folder, what is published of them, and the ways to get another one.
import { Button, Drawer, Menu } from '@mantine/core'
import { IconChevronDown, IconFolder, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Panel } from '@/components/Panel'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { Tag } from '@/components/Tag'
import { useFormat } from '@/components/useFormat'
import { useShortcuts } from '@/lib/shortcuts'
import { flowsQuery } from '../api'
import type { FlowList, FlowSummary } from '../types'
import { Deleted } from './Deleted'
import { FlowRow } from './FlowRow'
import { FlowSettings } from './FlowSettings'
import classes from './Flows.module.css'
import { NewFlow } from './NewFlow'
import { RenameDialog } from './RenameDialog'

const PublishDialog = lazy(() => import('../versions/PublishDialog').then((m) => ({ default: m.PublishDialog })))
const VersionsPanel = lazy(() => import('../versions/VersionsPanel').then((m) => ({ default: m.VersionsPanel })))
const CompareDialog = lazy(() => import('../versions/CompareDialog').then((m) => ({ default: m.CompareDialog })))
const RunsPanel = lazy(() => import('../runs/RunsPanel').then((m) => ({ default: m.RunsPanel })))

type Opened = 'new' | 'publish' | 'versions' | 'runs' | 'settings' | null

export function FlowsPage() {
  const { t } = useTranslation('flows')
  const { botId = '' } = useParams({ strict: false }) as { botId?: string }
  const query = useQuery(flowsQuery(botId))
  const [opened, setOpened] = useState<Opened>(null)
  const [renamed, setRenamed] = useState<FlowSummary | null>(null)
  const [compared, setCompared] = useState<{ from: string; to: string } | null>(null)
  const close = () => setOpened(null)
  useShortcuts(t('flowsTitle'), [{ keys: 'n', label: t('newFlow'), run: () => setOpened('new') }])
  return (
    <div className={classes.flows}>
      <QueryView query={query} loading={<Loading shape="list" count={4} />}>
        {(list) => (
          <>
            <Head list={list} onOpen={setOpened} />
            {list.items.length === 0 ? (
              <EmptyState
                picture="bot"
                title={t('noFlows')}
                text={t('noFlowsText')}
                action={<Button onClick={() => setOpened('new')}>{t('newFlow')}</Button>}
              />
            ) : (
              byFolder(list.items).map(({ folder, flows }) => (
                <Panel
                  key={folder}
                  flush
                  {...(folder
                    ? {
                        title: (
                          <span className={classes.folder}>
                            <IconFolder size={16} aria-hidden />
                            <bdi>{folder}</bdi>
                          </span>
                        ),
                      }
                    : {})}
                >
                  {flows.map((flow) => (
                    <FlowRow key={flow.id} botId={botId} flow={flow} onRename={() => setRenamed(flow)} />
                  ))}
                </Panel>
              ))
            )}
            <Deleted botId={botId} />
            <FlowSettings botId={botId} settings={opened === 'settings' ? list.settings : null} onClose={close} />
          </>
        )}
      </QueryView>
      <NewFlow botId={botId} opened={opened === 'new'} onClose={close} />
      <RenameDialog botId={botId} flow={renamed} onClose={() => setRenamed(null)} />
      <Drawer
        opened={opened === 'versions' || opened === 'runs'}
        onClose={close}
        position="right"
        size={480}
        title={opened === 'runs' ? t('sides.runs') : t('sides.versions')}
      >
        <Suspense fallback={<Loading shape="list" count={4} />}>
          {opened === 'versions' && <VersionsPanel botId={botId} onCompare={(from, to) => setCompared({ from, to })} />}
          {opened === 'runs' && <RunsPanel botId={botId} />}
        </Suspense>
      </Drawer>
      <Suspense fallback={null}>
        {opened === 'publish' && <PublishDialog botId={botId} opened onClose={close} />}
        {compared && <CompareDialog botId={botId} {...compared} onClose={() => setCompared(null)} />}
      </Suspense>
    </div>
  )
}

/** Those without a folder first. */
function byFolder(flows: FlowSummary[]): { folder: string; flows: FlowSummary[] }[] {
  const folders = new Map<string, FlowSummary[]>()
  for (const flow of flows) {
    const own = folders.get(flow.folder ?? '')
    if (own) own.push(flow)
    else folders.set(flow.folder ?? '', [flow])
  }
  return [...folders].sort(([a], [b]) => a.localeCompare(b)).map(([folder, own]) => ({ folder, flows: own }))
}

function Head({ list, onOpen }: { list: FlowList; onOpen: (what: Opened) => void }) {
  const { t } = useTranslation('flows')
  const format = useFormat()
  const { published } = list
  return (
    <div className={classes.head}>
      <div className={classes.state}>
        <p>
          {published
            ? t(published.name ? 'liveNamed' : 'live', {
                version: format.number(published.version),
                name: published.name,
                time: format.ago(published.published_at),
              })
            : t('neverPublished')}
        </p>
        {published && list.changed && <Tag tone="attention">{t('unpublished')}</Tag>}
      </div>
      <div className={classes.headButtons}>
        <Menu width={220}>
          <Menu.Target>
            <Button variant="subtle" rightSection={<IconChevronDown size={16} />}>
              {t('common:more')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => onOpen('versions')}>{t('sides.versions')}</Menu.Item>
            <Menu.Item onClick={() => onOpen('runs')}>{t('sides.runs')}</Menu.Item>
            <Menu.Item onClick={() => onOpen('settings')}>{t('settings')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => onOpen('new')}>
          {t('newFlow')}
        </Button>
        <Button onClick={() => onOpen('publish')} disabled={Boolean(published) && !list.changed}>
          {t('publish')}
        </Button>
      </div>
    </div>
  )
}
