// One run in the list: whose it is, where it stands, since when, and what can be done about it.
import { useTranslation } from 'react-i18next'
import { Tag } from '@/components/Tag'
import { Ago } from '@/components/Time'
import type { Run, RunState } from '../types'
import { AgainButton, StopButton } from './deeds'
import classes from './Runs.module.css'
import { customerOf, statusWord, toneOf } from './timeline'

export function RunRow({
  run,
  state,
  flow,
  onOpen,
  onStarted,
}: {
  run: Run
  state: RunState
  /** The flow's name, where runs of several flows are listed. */
  flow?: string
  onOpen: () => void
  onStarted: (run: string) => void
}) {
  const { t } = useTranslation('flowtries')
  const troubled = state === 'stuck' || state === 'failed'
  return (
    <li className={classes.run}>
      <button type="button" className={classes.open} onClick={onOpen}>
        <span className={classes.head}>
          <span className={`${classes.name} lined`} dir="auto">
            {customerOf(run, t)}
          </span>
          <Tag tone={troubled ? 'attention' : toneOf(run.status)}>
            {troubled ? t(`runs.is_${state}`) : statusWord(run.status, t)}
          </Tag>
        </span>
        <span className={`${classes.small} lined`} dir="auto">
          {[flow, run.step_title && t('runs.at', { step: run.step_title }), t('runs.version', { number: run.version })]
            .filter(Boolean)
            .join(' · ')}
        </span>
        {run.problem && (
          <span className={`${classes.problem} lined`} dir="auto">
            {run.problem}
          </span>
        )}
        <span className={classes.small}>
          <Ago at={run.updated_at} />
        </span>
      </button>
      {troubled && (
        <div className={classes.deeds}>
          <AgainButton
            runId={run.id}
            fromStep={run.step ? `${run.flow}/${run.step}` : undefined}
            label={t('again.here')}
            onStarted={onStarted}
          />
          {state === 'stuck' && <StopButton runId={run.id} />}
        </div>
      )}
    </li>
  )
}
