// One run from its beginning: each step with what went in and came out, how long it took and what it cost.
import { Drawer } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading, QueryView } from '@/components/States'
import { Tag } from '@/components/Tag'
import { useFormat } from '@/components/useFormat'
import { runQuery } from '../api'
import { lengthText } from '../simulator/times'
import { StepIcon } from '../steps'
import type { RunEntry, RunTimeline } from '../types'
import { DecisionCard } from './DecisionCard'
import { AgainButton, StopButton } from './deeds'
import { Given } from './Given'
import classes from './Runs.module.css'
import { customerOf, isGiven, restartable, statusWord, toneOf, totals } from './timeline'

/** Between entries; shorter pauses are not worth a line. */
const PAUSE_MS = 60_000
/** A step that took less took no time that anybody would ask about. */
const WORTH_MS = 50

export function RunDrawer({ runId, onClose }: { runId: string | null; onClose: () => void }) {
  const { t } = useTranslation('flowtries')
  // Running again makes another run, which is looked at from then on.
  const [moved, setMoved] = useState<{ from: string; to: string } | null>(null)
  const shown = moved && moved.from === runId ? moved.to : runId
  return (
    <Drawer opened={runId !== null} onClose={onClose} position="right" size="lg" title={t('run.title')}>
      {shown && runId && <Timeline key={shown} runId={shown} onStarted={(to) => setMoved({ from: runId, to })} />}
    </Drawer>
  )
}

function Timeline({ runId, onStarted }: { runId: string; onStarted: (run: string) => void }) {
  const query = useQuery(runQuery(runId))
  return (
    <QueryView query={query} loading={<Loading shape="list" count={5} />}>
      {(timeline) => <Entries timeline={timeline} onStarted={onStarted} />}
    </QueryView>
  )
}

function Entries({ timeline, onStarted }: { timeline: RunTimeline; onStarted: (run: string) => void }) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const { run, entries } = timeline
  const sum = totals(entries)
  const startable = restartable(entries)
  const ended = ['ended', 'done', 'cancelled'].includes(run.status)
  return (
    <div className={classes.timeline}>
      <div>
        <div className={classes.head}>
          <strong className={`${classes.name} lined`} dir="auto">
            {customerOf(run, t)}
          </strong>
          <Tag tone={toneOf(run.status)}>{statusWord(run.status, t)}</Tag>
        </div>
        <p className={classes.small}>
          {[
            t('run.began', { at: format.full(run.started_at) }),
            t('runs.version', { number: run.version }),
            sum.ms > 0 && t('run.worked', { time: format.duration(sum.ms) }),
            sum.cents > 0 &&
              t(sum.cents < 1 ? 'run.costUnder' : 'run.cost', {
                amount: format.money(Math.max(1, Math.round(sum.cents))),
              }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
        {run.problem && (
          <p className={`${classes.problem} lined`} dir="auto">
            {run.problem}
          </p>
        )}
        <div className={classes.deeds}>
          <AgainButton runId={run.id} label={t('again.start')} onStarted={onStarted} />
          {!ended && run.status !== 'failed' && <StopButton runId={run.id} />}
        </div>
      </div>
      {timeline.decisions.map((decision) => (
        <DecisionCard key={decision.seq} runId={run.id} decision={decision} />
      ))}
      <ol className={classes.entries} aria-label={t('run.entries')}>
        {entries.map((entry, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a journal only grows
          <li key={i} className={classes.entry}>
            {i > 0 && entry.at - (entries[i - 1]?.at ?? entry.at) >= PAUSE_MS && (
              <p className={classes.pause}>
                {t('later', { time: lengthText(entry.at - (entries[i - 1]?.at ?? entry.at), format.tag) })}
              </p>
            )}
            <EntryView entry={entry} runId={run.id} startable={startable[i] === true} onStarted={onStarted} />
          </li>
        ))}
      </ol>
    </div>
  )
}

function EntryView({
  entry,
  runId,
  startable,
  onStarted,
}: {
  entry: RunEntry
  runId: string
  startable: boolean
  onStarted: (run: string) => void
}) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const { ms, cost_cents: cents } = entry
  const facts = [
    format.clock(entry.at),
    ms != null && ms >= WORTH_MS && format.duration(ms),
    cents != null &&
      cents > 0 &&
      t(cents < 1 ? 'run.costUnder' : 'run.cost', { amount: format.money(Math.max(1, Math.round(cents))) }),
  ].filter(Boolean)
  const head = (
    <>
      <span className={classes.icon}>{entry.kind && <StepIcon kind={entry.kind} />}</span>
      <span className={classes.words}>
        <span className={`${classes.title} lined`} dir="auto">
          {entry.step_title || entry.title}
        </span>
        {entry.step_title && (
          <span className={`${classes.note} lined`} dir="auto">
            {entry.title}
          </span>
        )}
        {entry.note && (
          <span className={`${classes.note} lined`} dir="auto">
            {entry.note}
          </span>
        )}
      </span>
      <span className={classes.facts} title={format.full(entry.at)}>
        {facts.join(' · ')}
      </span>
    </>
  )
  const more = isGiven(entry.input) || isGiven(entry.output) || startable
  if (!more) return <div className={classes.entryHead}>{head}</div>
  return (
    <details>
      <summary className={classes.entryHead}>{head}</summary>
      <div className={classes.inside}>
        {isGiven(entry.input) && <Given title={t('run.input')} value={entry.input} />}
        {isGiven(entry.output) && <Given title={t('run.output')} value={entry.output} />}
        {startable && entry.step && (
          <AgainButton
            runId={runId}
            fromStep={`${entry.flow}/${entry.step}`}
            label={t('again.here')}
            onStarted={onStarted}
          />
        )}
      </div>
    </details>
  )
}
