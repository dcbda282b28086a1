// What a run waits for a person to decide: what it is about, and yes or no.
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { tell, tellError } from '@/components/notice'
import { useDecide } from '../api'
import type { Decision } from '../types'
import classes from './Runs.module.css'

export function DecisionCard({ runId, decision }: { runId: string; decision: Decision }) {
  const { t } = useTranslation('flowtries')
  const decide = useDecide(runId)
  const say = (yes: boolean) =>
    decide.mutate(
      { seq: decision.seq, yes },
      { onSuccess: () => tell(t(yes ? 'decision.saidYes' : 'decision.saidNo')), onError: tellError },
    )
  return (
    <section className={classes.decision} aria-label={t('decision.title')}>
      <strong className="lined" dir="auto">
        {decision.title || t('decision.title')}
      </strong>
      {decision.details && (
        <p className={`${classes.plain} lined`} dir="auto">
          {decision.details}
        </p>
      )}
      <div className={classes.deeds}>
        <Button size="compact-sm" loading={decide.isPending} onClick={() => say(true)}>
          {t('decision.yes')}
        </Button>
        <Button size="compact-sm" variant="default" disabled={decide.isPending} onClick={() => say(false)}>
          {t('decision.no')}
        </Button>
      </div>
    </section>
  )
}
