// Conversations in the middle of a flow: they go on as they began, unless the owner moves them to the new version.
import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Choice, choiceOf, chooseAll, type Open } from './moving'
import classes from './Versions.module.css'

const SHOWN = 6

export function OpenConversations({
  open,
  chosen,
  onChoose,
}: {
  open: Open[]
  chosen: Map<string, Choice>
  onChoose: (chosen: Map<string, Choice>) => void
}) {
  const { t } = useTranslation('flowtries')
  const [all, setAll] = useState(false)
  if (open.length === 0) return null
  const broken = open.filter((one) => one.problem)
  const sorted = [...broken, ...open.filter((one) => !one.problem)]
  return (
    <section>
      <h3 className={classes.briefTitle}>{t('open.title', { count: open.length })}</h3>
      <p className={classes.small}>{broken.length > 0 ? t('open.broken', { count: broken.length }) : t('open.fine')}</p>
      <div className={classes.bulk}>
        {(['none', 'safe', 'all'] as const)
          // With nothing broken, “safe” is “all”.
          .filter((which) => which !== 'safe' || (broken.length > 0 && broken.length < open.length))
          .map((which) => (
            <Button key={which} size="compact-sm" variant="default" onClick={() => onChoose(chooseAll(open, which))}>
              {t(`open.${which}`)}
            </Button>
          ))}
      </div>
      <ul className={classes.open}>
        {(all ? sorted : sorted.slice(0, SHOWN)).map((one) => (
          <li key={one.conversation}>
            <div className={classes.openWords}>
              <span className={`${classes.openName} lined`} dir="auto">
                {one.contact || t('common:somebody')}
              </span>
              <span className={`${classes.small} lined`} dir="auto">
                {t('open.at', { step: one.step_title })}
              </span>
              {one.problem && (
                <span className={`${classes.problem} lined`} dir="auto">
                  {one.problem}
                </span>
              )}
            </div>
            <SegmentedControl
              size="xs"
              aria-label={t('open.choose', { name: one.contact || t('common:somebody') })}
              value={choiceOf(one, chosen)}
              onChange={(value) => onChoose(new Map(chosen).set(one.conversation, value as Choice))}
              data={[
                { value: 'keep', label: t('open.keep') },
                { value: 'move', label: t('open.move') },
              ]}
            />
          </li>
        ))}
      </ul>
      {open.length > SHOWN && !all && (
        <Button size="compact-sm" variant="subtle" className="flush" onClick={() => setAll(true)}>
          {t('open.more', { count: open.length })}
        </Button>
      )}
    </section>
  )
}
