// Where this step leads: each way by its name, and the step at its end.
import { IconArrowForwardUp } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { i18next } from '@/i18n'
import { titleOf } from '../steps'
import { record } from '../steps/face'
import type { Flow, Kind, Step } from '../types'
import { usePanelScope } from './context'
import classes from './Panel.module.css'

export type Way = { name: string; title: string; needed: boolean; to: Step | null }

export function waysOf(flow: Flow, step: Step, kind: Kind | undefined): Way[] {
  const listed = kind?.branches_from ? step.fields?.[kind.branches_from] : null
  const items = Array.isArray(listed) ? listed : []
  const offered = [
    ...items.flatMap((item, i) => {
      const inner = record(item)
      if (typeof inner?.id !== 'string') return []
      const title = [inner.title, inner.name, inner.label, inner.value].find((word) => typeof word === 'string' && word)
      return [{ name: inner.id, title: String(title ?? i + 1), needed: false }]
    }),
    ...(kind?.branches ?? []),
  ]
  // Whatever works with the outside may fail, and then go a way of its own.
  const failure = step.failure?.then ?? 'branch'
  if (kind?.outside && failure === 'branch' && !offered.some((branch) => branch.name === 'failed'))
    offered.push({ name: 'failed', title: i18next.t('flowsteps:wayFailed'), needed: false })
  const leads = new Map(flow.edges.filter((edge) => edge.from === step.id).map((edge) => [edge.branch, edge.to]))
  return offered.map((branch) => ({
    ...branch,
    to: flow.steps.find((other) => other.id === leads.get(branch.name)) ?? null,
  }))
}

export function Ways() {
  const { t } = useTranslation('flowsteps')
  const { flow, step, kind, kinds } = usePanelScope()
  const ways = waysOf(flow, step, kind)
  if (ways.length === 0) return null
  return (
    <section className={classes.part}>
      <h3 className={classes.partTitle}>{t('ways')}</h3>
      <ul className={classes.ways}>
        {ways.map((way) => (
          <li key={way.name}>
            <span dir="auto">{way.title || t('wayNext')}</span>
            <span className={classes.wayTo} data-open={way.to ? undefined : ''}>
              <IconArrowForwardUp size={14} aria-hidden />
              {way.to ? titleOf(way.to, kinds.get(way.to.kind)) : t(way.needed ? 'wayOpenNeeded' : 'wayOpen')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
