// One source on its way: reading, understanding, ready; or why not, and what to do.
import { ActionIcon, Button, Progress } from '@mantine/core'
import { IconFileText, IconListDetails, IconNotes, IconWorld, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { Source, SourceKind } from '@/api/types'
import { tellError } from '@/components/notice'
import { Tag } from '@/components/Tag'
import classes from './Sources.module.css'
import { isWorking, shareDone, toneOf } from './sourceState'

const ICONS = { file: IconFileText, web: IconWorld, text: IconNotes, pairs: IconListDetails }

export function SourceIcon({ kind, size = 20 }: { kind: SourceKind; size?: number }) {
  const Icon = ICONS[kind]
  return <Icon size={size} stroke={1.6} aria-hidden />
}

export function SourceProgress({ source }: { source: Source }) {
  const { t } = useTranslation('sources')
  const working = isWorking(source)
  const act = (deed: 'cancel' | 'refresh') => post(`/sources/${source.id}/${deed}`).catch(tellError)
  return (
    <div className={classes.line} data-state={source.state}>
      <span className={classes.icon}>
        <SourceIcon kind={source.kind} />
      </span>
      <div className={classes.words}>
        <div className={classes.head}>
          <span className={`${classes.title} lined`} dir="auto">
            {source.title}
          </span>
          <Tag tone={toneOf(source.state)}>
            {source.state === 'ready' ? t('passages', { count: source.passages }) : t(`state.${source.state}`)}
          </Tag>
        </div>
        {working && (
          <Progress value={shareDone(source)} aria-label={`${source.title}: ${t(`state.${source.state}`)}`} mt={6} />
        )}
        {source.state === 'failed' && (
          <div className={classes.why}>
            <span>{source.error?.message}</span>
            <Button className="flush" size="compact-sm" variant="subtle" onClick={() => void act('refresh')}>
              {t('tryAgain')}
            </Button>
          </div>
        )}
      </div>
      {working && (
        <ActionIcon size={32} aria-label={`${t('stop')}: ${source.title}`} onClick={() => void act('cancel')}>
          <IconX size={16} />
        </ActionIcon>
      )}
    </div>
  )
}
