// The four steps of the beginning: where one is, what is done; any of them can be opened.
import { IconCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Home } from '@/api/types'
import { STEPS, type Step } from './index'
import classes from './Start.module.css'

export function StepBar({
  current,
  done,
  onGo,
}: {
  current: Step
  done: Home['checklist']
  onGo: (step: Step) => void
}) {
  const { t } = useTranslation('start')
  const finished = new Set<string>(done.filter((item) => item.done).map((item) => item.id))
  const at = STEPS.indexOf(current)
  return (
    <nav className={classes.bar} aria-label={t('title')}>
      <span className={classes.count}>{t('stepOf', { step: at + 1, total: STEPS.length })}</span>
      <ol className={classes.barList}>
        {STEPS.map((step, i) => (
          <li key={step}>
            <button
              type="button"
              className={classes.barStep}
              aria-current={step === current ? 'step' : undefined}
              data-done={finished.has(step) || undefined}
              onClick={() => onGo(step)}
            >
              <span className={classes.barMark} aria-hidden="true">
                {finished.has(step) ? <IconCheck size={14} stroke={2.5} /> : i + 1}
              </span>
              {t(`steps.${step}`)}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}
