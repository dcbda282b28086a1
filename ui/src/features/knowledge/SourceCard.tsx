// One source: what it is, how it is, how often it answered, and what can be done with it.
import { Button, Progress } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { Source } from '@/api/types'
import { tellError } from '@/components/notice'
import { SourceIcon } from '@/components/sources/SourceProgress'
import { isWorking, shareDone, toneOf } from '@/components/sources/sourceState'
import { Tag } from '@/components/Tag'
import { Ago } from '@/components/Time'
import { useFormat } from '@/components/useFormat'
import classes from './Knowledge.module.css'
import { SourceMenu } from './SourceMenu'
import { useBotNames } from './useBotNames'

export function SourceCard({ source }: { source: Source }) {
  const { t } = useTranslation('knowledge')
  const format = useFormat()
  const working = isWorking(source)
  const act = (deed: 'cancel' | 'refresh') => post(`/sources/${source.id}/${deed}`).catch(tellError)
  return (
    <article className={classes.card} data-state={source.state}>
      <div className={classes.cardHead}>
        <span className={classes.cardIcon}>
          <SourceIcon kind={source.kind} />
        </span>
        <h2 className={classes.cardTitle}>
          <Link to={`/knowledge/${source.id}` as '/'} className={classes.cardLink}>
            <bdi>{source.title}</bdi>
          </Link>
        </h2>
        <SourceMenu source={source} />
      </div>
      {working ? (
        <div className={classes.working}>
          <span className={classes.workingHead}>
            <Tag tone="working">{t(`sources:state.${source.state}`)}</Tag>
            {source.progress.total > 0 && (
              <span className={classes.quiet}>
                {t('sources:progress', {
                  done: format.number(source.progress.done),
                  total: format.number(source.progress.total),
                })}
              </span>
            )}
          </span>
          <Progress value={shareDone(source)} aria-label={`${source.title}: ${t(`sources:state.${source.state}`)}`} />
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            className={classes.front ?? ''}
            onClick={() => void act('cancel')}
          >
            {t('stop')}
          </Button>
        </div>
      ) : source.state === 'failed' || source.state === 'cancelled' ? (
        <div className={classes.failed}>
          <Tag tone={toneOf(source.state)}>{t(`sources:state.${source.state}`)}</Tag>
          {source.error && <p>{source.error.message}</p>}
          <Button
            size="compact-sm"
            variant="subtle"
            className={classes.front ?? ''}
            onClick={() => void act('refresh')}
          >
            {t('readAgain')}
          </Button>
        </div>
      ) : (
        <div className={classes.facts}>
          <Tag tone="ok">{t('sources:passages', { count: source.passages })}</Tag>
          <span>{t(source.answered === 0 ? 'answered_zero' : 'answered', { count: source.answered })}</span>
        </div>
      )}
      <div className={classes.cardFoot}>
        <span>
          <Ago at={source.updated_at} />
        </span>
        {source.pages !== null && source.pages > 0 && <span>{t('sources:pages', { count: source.pages })}</span>}
        {source.bot_ids !== null && source.bot_ids.length > 0 && <ForBots ids={source.bot_ids} />}
      </div>
    </article>
  )
}

function ForBots({ ids }: { ids: string[] }) {
  const { t } = useTranslation('knowledge')
  const names = useBotNames()
  return <span>{t('forBots', { bots: ids.map((id) => names.get(id) ?? '…').join(', ') })}</span>
}
