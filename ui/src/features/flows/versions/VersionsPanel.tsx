// What went live and when: each version can be looked at, brought back, or become the draft again.
import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconArrowBackUp, IconArrowsDiff, IconCalendarOff, IconDots, IconPencilDown } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { Tag } from '@/components/Tag'
import { Ago } from '@/components/Time'
import { useFormat } from '@/components/useFormat'
import { flowsQuery, versionsQuery } from '../api'
import type { Version } from '../types'
import { useVersionDeeds } from './useVersionDeeds'
import classes from './Versions.module.css'

export function VersionsPanel({ botId, onCompare }: { botId: string; onCompare: (from: string, to: string) => void }) {
  const { t } = useTranslation('flowtries')
  const versions = useQuery(versionsQuery(botId))
  const { data: changed } = useQuery({ ...flowsQuery(botId), select: (list) => list.changed })
  return (
    <QueryView query={versions} loading={<Loading shape="list" count={4} />}>
      {(list) => {
        if (list.length === 0)
          return <EmptyState compact picture="done" title={t('versions.emptyTitle')} text={t('versions.emptyText')} />
        const newestFirst = [...list].sort((a, b) => b.number - a.number)
        const live = list.find((version) => version.current)
        return (
          <ol className={classes.versions} aria-label={t('versions.title')}>
            {live && changed !== undefined && (
              <li className={classes.version}>
                <div className={classes.versionHead}>
                  <span className={classes.versionName}>{t('versions.draft')}</span>
                  {changed && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      leftSection={<IconArrowsDiff size={16} stroke={1.6} />}
                      onClick={() => onCompare(live.id, 'draft')}
                    >
                      {t('versions.whatChanged')}
                    </Button>
                  )}
                </div>
                <p className={classes.small}>
                  {t(changed ? 'versions.draftChanged' : 'versions.draftSame', { number: live.number })}
                </p>
              </li>
            )}
            {newestFirst.map((version, i) => (
              <VersionRow
                key={version.id}
                botId={botId}
                version={version}
                before={newestFirst[i + 1]}
                live={live}
                onCompare={onCompare}
              />
            ))}
          </ol>
        )
      }}
    </QueryView>
  )
}

function VersionRow({
  botId,
  version,
  before,
  live,
  onCompare,
}: {
  botId: string
  version: Version
  before: Version | undefined
  live: Version | undefined
  onCompare: (from: string, to: string) => void
}) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const { bringBack, intoDraft, callOff, busy } = useVersionDeeds(botId)
  const planned = version.publish_at && !version.published_at
  return (
    <li className={classes.version} data-current={version.current || undefined}>
      <div className={classes.versionHead}>
        <span className={`${classes.versionName} lined`} dir="auto">
          {t('versions.number', { number: version.number })}
          {version.name && `: ${version.name}`}
        </span>
        {version.current && <Tag tone="ok">{t('versions.live')}</Tag>}
        {planned && <Tag tone="working">{t('versions.planned')}</Tag>}
        <Menu>
          <Menu.Target>
            <ActionIcon size={32} loading={busy} aria-label={t('versions.menu', { number: version.number })}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {before && (
              <Menu.Item
                leftSection={<IconArrowsDiff size={16} stroke={1.6} />}
                onClick={() => onCompare(before.id, version.id)}
              >
                {t('versions.compareBefore', { number: before.number })}
              </Menu.Item>
            )}
            <Menu.Item
              leftSection={<IconArrowsDiff size={16} stroke={1.6} />}
              onClick={() => onCompare(version.id, 'draft')}
            >
              {t('versions.compareDraft')}
            </Menu.Item>
            {!version.current && (
              <Menu.Item
                leftSection={<IconArrowBackUp size={16} stroke={1.6} />}
                onClick={() => void bringBack(version, live)}
              >
                {t(version.published_at ? 'versions.bringBack' : 'versions.publishNow')}
              </Menu.Item>
            )}
            {planned && (
              <Menu.Item leftSection={<IconCalendarOff size={16} stroke={1.6} />} onClick={() => void callOff(version)}>
                {t('versions.callOff')}
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconPencilDown size={16} stroke={1.6} />} onClick={() => void intoDraft(version)}>
              {t('versions.intoDraft')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {version.note && (
        <p className={`${classes.note} lined`} dir="auto">
          {version.note}
        </p>
      )}
      <p className={classes.small}>
        {planned ? (
          t('versions.goesLive', { at: format.full(version.publish_at ?? 0), by: version.by })
        ) : (
          <>
            {version.by && `${version.by} · `}
            {!version.published_at && `${t('versions.never')} · `}
            <Ago at={version.published_at ?? version.created_at} />
          </>
        )}
      </p>
    </li>
  )
}
