// The day in one line; a number is there only when it says something.
import { Link } from '@tanstack/react-router'
import { Fragment, type ReactElement } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import type { Home } from '@/api/types'
import { useFormat } from '@/components/useFormat'
import classes from './Home.module.css'

export function DayLine({ today }: { today: Home['today'] }) {
  const { t } = useTranslation('home')
  const format = useFormat()
  const part = (key: 'bot' | 'waiting' | 'gap', count: number, mark: ReactElement) =>
    count > 0 ? (
      <Trans
        key={key}
        t={t}
        i18nKey={key}
        count={count}
        values={{ number: format.number(count) }}
        components={[mark]}
      />
    ) : null
  const parts = [
    part('bot', today.answered_by_bot, <strong />),
    part('waiting', today.waiting, <Link to={'/inbox' as '/'} className={classes.hot} />),
    part('gap', today.unanswered_questions, <Link to={'/knowledge/gaps' as '/'} className={classes.number} />),
  ].filter((item) => item !== null)
  if (parts.length === 0) return <>{today.messages_in > 0 ? t('quietWell') : t('quiet')}</>
  return (
    <span className={classes.day}>
      {t('today')}:{' '}
      {parts.map((item, i) => (
        <Fragment key={item.key}>
          {i > 0 && ', '}
          {item}
        </Fragment>
      ))}
      .
    </span>
  )
}
