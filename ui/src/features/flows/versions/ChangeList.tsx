// The changes of one flow in words: steps with their settings, and the ways between them.
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import { StepIcon } from '../steps'
import type { Changes, Flow, Kind } from '../types'
import { countsOf, settingText, stepTitle, wayTitle } from './changes'
import { Pieces } from './Pieces'
import classes from './Versions.module.css'

type Changed = Changes['flows'][number]

/** "2 steps added, 1 changed": the whole of it in one line. */
export function CountsLine({ flow }: { flow: Changed }) {
  const { t } = useTranslation('flowtries')
  const counts = countsOf(flow)
  const words = (['added', 'changed', 'removed', 'ways'] as const)
    .filter((name) => counts[name] > 0)
    .map((name) => t(`changes.${name}`, { count: counts[name] }))
  return <>{words.join(', ') || t('changes.otherwise')}</>
}

export function ChangeList({
  flow,
  before,
  after,
  kinds,
  chosen,
  onChoose,
}: {
  flow: Changed
  before: Flow | undefined
  after: Flow | undefined
  kinds: Kind[]
  chosen?: string | null
  onChoose?: (step: string) => void
}) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    if (chosen) list.current?.querySelector(`[data-step="${CSS.escape(chosen)}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const stepOf = (id: string) =>
    after?.steps.find((step) => step.id === id) ?? before?.steps.find((step) => step.id === id)
  const nameOf = (id: string) => stepTitle(stepOf(id), kinds, t('changes.aStep'))
  return (
    <ul className={classes.changes} ref={list} aria-label={t('changes.list')}>
      <li className={classes.counts}>
        {flow.change === 'changed' ? <CountsLine flow={flow} /> : t(`changes.flow_${flow.change}`)}
      </li>
      {flow.steps.map((step) => (
        <li
          key={step.step}
          data-step={step.step}
          className={classes.change}
          data-mark={step.change}
          data-chosen={step.step === chosen || undefined}
        >
          <button type="button" className={classes.changeHead} onClick={() => onChoose?.(step.step)}>
            <span className={classes.changeIcon}>
              <StepIcon kind={step.kind} />
            </span>
            <span className={`${classes.changeTitle} lined`} dir="auto">
              {step.title}
            </span>
            <span className={classes.mark}>{t(`changes.step_${step.change}`)}</span>
          </button>
          {step.change === 'changed' &&
            step.fields.map((field) => {
              const known = kinds.find((kind) => kind.name === step.kind)?.fields.find((one) => one.name === field.name)
              const [was, is] = [field.before, field.after].map((value) => settingText(value, known, t, format.tag))
              return (
                <div key={field.name} className={classes.setting}>
                  <div className={classes.settingName}>{field.label}</div>
                  <p className={`${classes.settingText} lined`} dir="auto">
                    <Pieces before={was ?? ''} after={is ?? ''} />
                  </p>
                </div>
              )
            })}
        </li>
      ))}
      {flow.edges.map((edge) => {
        const way = wayTitle(stepOf(edge.from), edge.branch, kinds)
        return (
          <li key={`${edge.from} ${edge.branch} ${edge.to}`} className={classes.change} data-mark={edge.change}>
            <span className={`${classes.way} lined`} dir="auto">
              {t(way ? 'changes.wayNamed' : 'changes.way', { from: nameOf(edge.from), way, to: nameOf(edge.to) })}
            </span>
            <span className={classes.mark}>{t(`changes.way_${edge.change}`)}</span>
          </li>
        )
      })}
    </ul>
  )
}
