// What was said and done, with the way back into each moment of it.

import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '@/components/States'
import { useFormat } from '@/components/useFormat'
import type { Action, Flow, Simulated } from '../types'
import { Bubble } from './Bubble'
import { type Deed, entriesOf, tappable } from './contents'
import classes from './Simulator.module.css'
import { lengthText, momentText } from './times'
import { useZone } from './useZone'
import { valueText } from './values'

export function Talk({
  flow,
  actions,
  result,
  busy,
  onAct,
  onBack,
}: {
  flow: Flow
  actions: Action[]
  result: Simulated | null
  busy: boolean
  onAct: (action: Action) => void
  /** To before that action. */
  onBack: (action: number) => void
}) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const zone = useZone()
  const end = useRef<HTMLDivElement>(null)
  const entries = result ? entriesOf(result.lines, result.actions, result.now) : []
  const open = result ? tappable(result.lines) : null
  const count = entries.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest line is looked for when there are more of them
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [count, busy])
  return (
    <div className={classes.talk} role="log" aria-live="polite" aria-label={t('tabs.talk')} aria-busy={busy}>
      {actions.length === 0 && (
        <EmptyState
          compact
          picture="question"
          title={t('emptyTitle')}
          text={t('emptyText')}
          action={
            <Button variant="default" onClick={() => onAct({ do: 'say', text: t('hello') })}>
              {t('sayHello')}
            </Button>
          }
        />
      )}
      {entries.map((entry) =>
        'line' in entry ? (
          <Bubble
            key={entry.key}
            line={entry.line}
            actions={result?.actions ?? actions}
            tappable={entry.line === open}
            onAct={onAct}
            onBack={onBack}
          />
        ) : 'deed' in entry ? (
          <DeedLine
            key={entry.key}
            deed={entry.deed}
            said={entry.said}
            at={entry.at}
            flow={flow}
            onBack={() => onBack(entry.action)}
          />
        ) : (
          <p key={entry.key} className={classes.gap}>
            {t('later', { time: lengthText(entry.gap, format.tag) })} · {momentText(entry.at, format.tag, zone)}
          </p>
        ),
      )}
      {result?.error && (
        <p className={classes.failed} role="alert">
          {result.error}
        </p>
      )}
      {!busy && result && !['active', 'waiting'].includes(result.status) && !handedOver(result) && (
        <p className={classes.note}>{t(`status.${result.status}`)}</p>
      )}
      {busy && (
        <div className={classes.dots} role="status" aria-label={t('playing')}>
          <i />
          <i />
          <i />
        </div>
      )}
      <div ref={end} />
    </div>
  )
}

/** The note of the handover stands there already. */
function handedOver({ status, lines }: Simulated): boolean {
  return status === 'handed' && lines.at(-1)?.who === 'note'
}

function DeedLine({
  deed,
  said,
  at,
  flow,
  onBack,
}: {
  deed: Deed
  said: string | undefined
  at: number
  flow: Flow
  onBack: () => void
}) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const zone = useZone()
  const words = () => {
    switch (deed.do) {
      case 'pass':
        return t('deed.pass', { time: lengthText(deed.ms, format.tag) })
      case 'trigger':
        return t('deed.trigger', { title: flow.steps.find((step) => step.id === deed.step)?.title || t('deed.start') })
      case 'person':
        return t(deed.on ? 'deed.personOn' : 'deed.personOff')
      case 'set':
        return t('deed.set', { name: deed.name.replaceAll('_', ' '), value: valueText(deed.value, t) })
      case 'fail':
        return t(`deed.fail_${deed.how}`)
      case 'edit':
        return t('deed.edit', { text: deed.text })
      case 'delete':
        return t('deed.delete')
      default:
        return t('deed.until_next')
    }
  }
  return (
    <p className={classes.deed}>
      <span dir="auto">{said ?? words()}</span>
      {said === undefined && (deed.do === 'pass' || deed.do === 'until_next') && (
        <> · {momentText(at, format.tag, zone)}</>
      )}
      <button type="button" className={classes.undo} onClick={onBack}>
        {t('backHere')}
      </button>
    </p>
  )
}
