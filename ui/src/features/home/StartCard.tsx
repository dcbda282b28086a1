// What is left of the first ten minutes; gone when all of it is done.
import { Button } from '@mantine/core'
import { IconCircleCheckFilled, IconCircleDashed } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Home } from '@/api/types'
import { Panel } from '@/components/Panel'
import classes from './Home.module.css'

export function StartCard({ checklist }: { checklist: Home['checklist'] }) {
  const { t } = useTranslation('home')
  const left = checklist.filter((step) => !step.done).length
  if (left === 0) return null
  // The first real message comes by itself: nothing to continue with.
  const waitsOnly = checklist.every((step) => step.done || step.id === 'first_message')
  return (
    <Panel
      tone="accent"
      title={t('startTitle')}
      lead={t('startLead', { count: left })}
      actions={!waitsOnly && <Button renderRoot={(props) => <Link {...props} to="/start" />}>{t('startGo')}</Button>}
    >
      <ul className={classes.steps}>
        {checklist.map((step) => (
          <li key={step.id} data-done={step.done || undefined}>
            {step.done ? (
              <IconCircleCheckFilled size={20} aria-label={t('stepDone')} />
            ) : (
              <IconCircleDashed size={20} stroke={1.6} aria-label={t('stepOpen')} />
            )}
            {t(`step.${step.id}`)}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
