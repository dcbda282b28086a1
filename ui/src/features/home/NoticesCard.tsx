// What flows and the program itself tell the owner, until somebody has read it; a question of a flow is decided here.
import { Anchor, Button } from '@mantine/core'
import { IconAlertTriangle, IconBell, IconHelpCircle } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { patch, post } from '@/api/client'
import type { Notice } from '@/api/types'
import { offerUndo, tell, tellError } from '@/components/notice'
import { Panel, Row } from '@/components/Panel'
import { Ago } from '@/components/Time'
import classes from './Home.module.css'

/** Where the things are mended that the program tells of. */
const PLACES: Record<NonNullable<Notice['about']>, string | null> = {
  address: '/settings/address',
  webhook: '/settings/channels',
  cut_off: null,
}

export function NoticesCard({ notices, total }: { notices: Notice[]; total: number }) {
  const { t } = useTranslation('home')
  if (notices.length === 0) return null
  const more = total - notices.length
  return (
    <Panel title={t('noticesTitle')} flush>
      {notices.map((notice) => (
        <NoticeRow key={notice.id} notice={notice} />
      ))}
      {more > 0 && <p className={classes.more}>{t('noticesMore', { count: more })}</p>}
    </Panel>
  )
}

function NoticeRow({ notice }: { notice: Notice }) {
  const { t } = useTranslation('home')
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['home'] })
  const setRead = (read: boolean) => patch(`/notices/${notice.id}`, { read }).then(refresh)
  const done = useMutation({
    mutationFn: () => setRead(true),
    onSuccess: () => offerUndo(t('noticeDone'), () => setRead(false)),
    onError: tellError,
  })
  const decide = useMutation({
    mutationFn: (yes: boolean) => post(`/runs/${notice.run}/decisions/${notice.decision}`, { yes }),
    onSuccess: (_, yes) => tell(t(yes ? 'decidedYes' : 'decidedNo')),
    onError: tellError,
    onSettled: refresh,
  })
  const asks = notice.run !== null && notice.decision !== null
  const Icon = asks ? IconHelpCircle : notice.urgent ? IconAlertTriangle : IconBell
  const place = notice.about ? PLACES[notice.about] : notice.conversation && `/inbox/${notice.conversation}`
  return (
    <Row
      icon={<Icon size={22} stroke={1.6} color={notice.urgent ? 'var(--bf-attention)' : 'var(--bf-muted)'} />}
      title={<bdi>{notice.title}</bdi>}
      text={
        <>
          {notice.text && (
            <span className={`${classes.told} lined`} dir="auto">
              {notice.text}
            </span>
          )}
          <Ago at={notice.at} />
          {place && (
            <>
              {' · '}
              <Anchor className="tap" size="sm" renderRoot={(props) => <Link {...props} to={place as '/'} />}>
                {t(notice.about ? 'noticePlace' : 'noticeConversation')}
              </Anchor>
            </>
          )}
        </>
      }
      end={
        asks ? (
          <div className={classes.decide}>
            <Button
              loading={decide.isPending && decide.variables}
              disabled={decide.isPending}
              onClick={() => decide.mutate(true)}
              aria-label={`${t('decideYes')}: ${notice.title}`}
            >
              {t('decideYes')}
            </Button>
            <Button
              variant="default"
              loading={decide.isPending && !decide.variables}
              disabled={decide.isPending}
              onClick={() => decide.mutate(false)}
              aria-label={`${t('decideNo')}: ${notice.title}`}
            >
              {t('decideNo')}
            </Button>
          </div>
        ) : (
          <Button
            variant="default"
            loading={done.isPending}
            onClick={() => done.mutate()}
            aria-label={`${t('noticeRead')}: ${notice.title}`}
          >
            {t('noticeRead')}
          </Button>
        )
      }
    />
  )
}
