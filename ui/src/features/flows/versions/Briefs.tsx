// What speaks against publishing, and what it would change, each in a few lines that open into the whole.
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { kindsQuery, versionQuery } from '../api'
import type { Changes, Finding, PublishPreview, Version } from '../types'
import { CountsLine } from './ChangeList'
import { CompareDialog } from './CompareDialog'
import { isEmpty, stepTitle } from './changes'
import classes from './Versions.module.css'

const SHOWN = 5

/** Problems first; advice waits behind a button as long as there are problems. */
export function FindingsBrief({ botId, findings }: { botId: string; findings: Finding[] }) {
  const { t } = useTranslation('flowtries')
  const [all, setAll] = useState(false)
  const { data: draft } = useQuery({ ...versionQuery(botId, 'draft'), enabled: findings.length > 0 })
  const { data: kinds = [] } = useQuery(kindsQuery)
  const errors = findings.filter((finding) => finding.severity === 'error')
  const advice = findings.filter((finding) => finding.severity !== 'error')
  if (findings.length === 0)
    return (
      <p className={classes.brief}>
        <IconCircleCheck size={20} stroke={1.6} className={classes.ok} aria-hidden />
        {t('publish.noFindings')}
      </p>
    )
  const first = (errors.length > 0 ? errors : advice).slice(0, SHOWN)
  const shown = all ? [...errors, ...advice] : first
  const whereOf = ({ flow: id, step: stepId }: Finding) => {
    const flow = draft?.flows.find((one) => one.id === id)
    const step = flow?.steps.find((one) => one.id === stepId)
    return [flow?.name, step && stepTitle(step, kinds, '')].filter(Boolean).join(', ')
  }
  return (
    <section className={classes.findings} data-errors={errors.length > 0 || undefined}>
      <h3 className={classes.briefTitle}>
        {errors.length > 0
          ? t('publish.errors', { count: errors.length })
          : t('publish.warnings', { count: advice.length })}
      </h3>
      <ul>
        {shown.map((finding, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same sentence may be true of several steps
          <li key={i} className={classes.finding}>
            {finding.severity === 'error' ? (
              <IconCircleX size={18} stroke={1.6} className={classes.bad} aria-label={t('publish.error')} />
            ) : (
              <IconAlertTriangle size={18} stroke={1.6} className={classes.warn} aria-label={t('publish.warning')} />
            )}
            <span className="lined" dir="auto">
              {whereOf(finding) && <span className={classes.where}>{whereOf(finding)}: </span>}
              {finding.message} <span className={classes.fix}>{finding.fix}</span>
            </span>
          </li>
        ))}
      </ul>
      {shown.length < findings.length && (
        <Button size="compact-sm" variant="subtle" className="flush" onClick={() => setAll(true)}>
          {errors.length > 0 && first.length === errors.length
            ? t('publish.showAdvice', { count: advice.length })
            : t('publish.allFindings', { count: findings.length })}
        </Button>
      )}
    </section>
  )
}

export function TestsBrief({ tests }: { tests: PublishPreview['tests'] }) {
  const { t } = useTranslation('flowtries')
  if (tests.failed > 0)
    return (
      <section className={classes.findings} data-errors>
        <h3 className={classes.briefTitle}>{t('tests.failed', { count: tests.failed })}</h3>
        {tests.first_failure && (
          <p className="lined" dir="auto">
            {tests.first_failure}
          </p>
        )}
      </section>
    )
  const Icon = tests.passed > 0 ? IconCircleCheck : IconAlertTriangle
  return (
    <p className={classes.brief}>
      <Icon size={20} stroke={1.6} className={tests.passed > 0 ? classes.ok : classes.warn} aria-hidden />
      {tests.passed > 0 ? t('tests.passed', { count: tests.passed }) : t('publish.noTests')}
    </p>
  )
}

export function ChangesBrief({ botId, changes, live }: { botId: string; changes: Changes; live: Version | undefined }) {
  const { t } = useTranslation('flowtries')
  const [comparing, setComparing] = useState(false)
  return (
    <section>
      <div className={classes.versionHead}>
        <h3 className={classes.briefTitle}>{t('publish.changes')}</h3>
        {live && !isEmpty(changes) && (
          <Button size="compact-sm" variant="default" onClick={() => setComparing(true)}>
            {t('publish.look')}
          </Button>
        )}
      </div>
      {isEmpty(changes) ? (
        <p className={classes.small}>{t(live ? 'publish.noChanges' : 'publish.first')}</p>
      ) : (
        <ul className={classes.plain}>
          {changes.flows.map((flow) => (
            <li key={flow.flow}>
              <strong className="lined" dir="auto">
                {flow.name}
              </strong>
              {': '}
              {flow.change === 'changed' ? <CountsLine flow={flow} /> : t(`changes.flow_${flow.change}`)}
            </li>
          ))}
        </ul>
      )}
      <CompareDialog
        botId={botId}
        from={comparing && live ? live.id : null}
        to={comparing ? 'draft' : null}
        onClose={() => setComparing(false)}
      />
    </section>
  )
}
