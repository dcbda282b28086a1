// The flow as a list: each step with where it leads, for small screens and for those who read rather than look.
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import classes from './Bots.module.css'
import { branchWord, titleOfStep, wordsOfStep } from './faces'
import { walk } from './layout'
import { StepIcon } from './StepIcon'
import type { FlowView } from './types'

export function FlowOutline({ view }: { view: FlowView }) {
  const { t } = useTranslation('bots')
  const format = useFormat()
  const { steps, edges } = view.flow
  const ordered = walk(steps, edges)
  const number = new Map(ordered.map((step, i) => [step.id, i + 1]))
  const problems = new Map(view.findings.map((finding) => [finding.step ?? '', finding.message]))
  return (
    <ol className={classes.outline} aria-label={t('canvas')}>
      {ordered.map((step) => {
        const ways = edges.filter((edge) => edge.from === step.id && number.has(edge.to))
        return (
          <li
            key={step.id}
            id={`step-${step.id}`}
            tabIndex={-1}
            className={classes.step}
            data-kind={step.kind}
            data-problem={problems.has(step.id) ? '' : undefined}
          >
            <div className={classes.stepHead}>
              <span className={classes.stepIcon}>
                <StepIcon kind={step.kind} />
              </span>
              <span className={classes.stepTitle}>
                {format.number(number.get(step.id) ?? 0)}. {titleOfStep(step, t)}
              </span>
            </div>
            <p className={classes.stepText} dir="auto">
              {problems.get(step.id) ?? wordsOfStep(step, t, format)}
            </p>
            {ways.length > 0 && (
              <ul className={classes.ways}>
                {ways.map((way) => {
                  const word = branchWord(way, step, t)
                  const target = steps.find((other) => other.id === way.to)
                  return (
                    <li key={`${way.branch}-${way.to}`}>
                      {word && <span className={classes.wayWord}>{word}</span>}
                      <button
                        type="button"
                        className={classes.way}
                        onClick={() => {
                          const there = document.getElementById(`step-${way.to}`)
                          there?.scrollIntoView({ block: 'center', behavior: 'smooth' })
                          there?.focus({ preventScroll: true })
                        }}
                      >
                        {t('goesTo', {
                          number: format.number(number.get(way.to) ?? 0),
                          title: target ? titleOfStep(target, t) : '',
                        })}
                      </button>
                    </li>
                  )
                })}
              </ul>
            )}
          </li>
        )
      })}
    </ol>
  )
}
