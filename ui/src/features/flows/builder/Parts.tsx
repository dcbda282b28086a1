// Small parts around the canvas: what is wrong, which draft stays, what to do with chosen steps.
import { ActionIcon, Button, CloseButton, Tooltip } from '@mantine/core'
import {
  IconArrowRampRight,
  IconBoxMultiple,
  IconCopy,
  IconCopyPlus,
  IconLayoutDistributeVertical,
  IconTrash,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '@/components/States'
import { useFormat } from '@/components/useFormat'
import type { Words } from '../canvas/drawing'
import { StepIcon } from '../steps'
import type { Finding, Flow, FlowDraft, Kind } from '../types'
import classes from './Builder.module.css'
import type { BuilderDeeds } from './useDeeds'

export function Problems({
  findings,
  flow,
  kinds,
  words,
  onOpen,
  onClose,
}: {
  findings: Finding[]
  flow: Flow
  kinds: ReadonlyMap<string, Kind>
  words: Words
  onOpen: (step: string) => void
  onClose: () => void
}) {
  const { t } = useTranslation('flows')
  const byId = new Map(flow.steps.map((step) => [step.id, step]))
  const sorted = [...findings].sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  return (
    <DockFrame title={t('problems')} onClose={onClose}>
      {sorted.length === 0 && <p className={classes.quiet}>{t('problemsNone')}</p>}
      <ul className={classes.plainList}>
        {sorted.map((finding, i) => {
          const step = finding.step ? byId.get(finding.step) : undefined
          const key = `${finding.step}-${finding.field}-${finding.message}-${i}`
          const inside = (
            <>
              <span className={classes.problemStep} data-severity={finding.severity}>
                {step && <StepIcon kind={step.kind} size={16} />}
                <bdi>{step ? words.titleOf(step, kinds.get(step.kind)) : flow.name}</bdi>
              </span>
              <span>{finding.message}</span>
              <span className={classes.quiet}>{finding.fix}</span>
            </>
          )
          return (
            <li key={key}>
              {step ? (
                <button type="button" className={classes.problem} onClick={() => onOpen(step.id)}>
                  {inside}
                </button>
              ) : (
                <div className={classes.problem}>{inside}</div>
              )}
            </li>
          )
        })}
      </ul>
    </DockFrame>
  )
}

export function DockFrame({
  title,
  onClose,
  children,
}: {
  title: string
  onClose: () => void
  children: React.ReactNode
}) {
  const { t } = useTranslation()
  return (
    <section className={classes.dockFrame} aria-label={title}>
      <header className={classes.dockHead}>
        <h2>{title}</h2>
        <CloseButton onClick={onClose} aria-label={t('close')} />
      </header>
      <div className={classes.dockBody}>{children}</div>
    </section>
  )
}

export function EmptyFlow({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation('flows')
  return (
    <div className={classes.empty}>
      <EmptyState
        compact
        picture="bot"
        title={t('emptyFlow')}
        text={t('emptyFlowText')}
        action={<Button onClick={onAdd}>{t('addTitle')}</Button>}
      />
    </div>
  )
}

export function Conflict({ theirs, onSettle }: { theirs: FlowDraft; onSettle: (which: 'mine' | 'theirs') => void }) {
  const { t } = useTranslation('flows')
  const format = useFormat()
  return (
    <div className={classes.conflict} role="alert">
      <span>
        <strong>{t('conflict')}</strong> {t('conflictText', { time: format.ago(theirs.updated_at) })}
      </span>
      <span className={classes.conflictButtons}>
        <Button size="compact-sm" variant="default" onClick={() => onSettle('theirs')}>
          {t('conflictTheirs')}
        </Button>
        <Button size="compact-sm" onClick={() => onSettle('mine')}>
          {t('conflictMine')}
        </Button>
      </span>
    </div>
  )
}

/** What can be done with the chosen steps or way: the same as the keys do. */
export function SelectionBar({
  count,
  way,
  deeds,
  onJoin,
}: {
  count: number
  /** A way is chosen instead of steps. */
  way: boolean
  deeds: BuilderDeeds
  /** Leads the single chosen step to another one. */
  onJoin: () => void
}) {
  const { t } = useTranslation('flows')
  const said = way ? t('wayChosen') : t('chosen', { count })
  const bin = { label: t('deleteSteps'), icon: IconTrash, run: deeds.remove }
  const copying = [
    { label: t('copySteps'), icon: IconCopy, run: () => void deeds.copyText() },
    { label: t('keys.duplicate'), icon: IconCopyPlus, run: deeds.duplicate },
  ]
  const several = [
    { label: t('group'), icon: IconBoxMultiple, run: deeds.frame },
    { label: t('arrange'), icon: IconLayoutDistributeVertical, run: deeds.tidy },
  ]
  const single = [{ label: t('connectTitle'), icon: IconArrowRampRight, run: onJoin }]
  const buttons = way ? [bin] : [...(count > 1 ? several : single), ...copying, bin]
  return (
    <div className={classes.selection} role="toolbar" aria-label={said}>
      <span className={classes.selectionCount}>{said}</span>
      {buttons.map(({ label, icon: Icon, run }) => (
        <Tooltip key={label} label={label}>
          <ActionIcon aria-label={label} onClick={run}>
            <Icon size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      ))}
    </div>
  )
}
