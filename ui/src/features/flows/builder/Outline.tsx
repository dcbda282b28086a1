// The flow as a list: for phones, for those who read rather than look, and for those who cannot see a drawing.
import { ActionIcon, Button } from '@mantine/core'
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import type { Words } from '../canvas/drawing'
import type { Marks } from '../canvas/marks'
import type { Editor } from '../model/editor'
import { useEditor } from '../model/editor'
import { inOrder } from '../model/walk'
import { NOTE, outOf, shownWays } from '../model/ways'
import { StepIcon } from '../steps'
import type { Finding, Kind } from '../types'
import classes from './Outline.module.css'

export function Outline({
  editor,
  kinds,
  findings,
  marks,
  words,
  onOpen,
  onAdd,
}: {
  editor: Editor
  kinds: ReadonlyMap<string, Kind>
  findings: ReadonlyMap<string, Finding[]>
  marks: Marks
  words: Words
  onOpen: (step: string) => void
  onAdd: (from: { step: string; branch: string } | null) => void
}) {
  const { t } = useTranslation('flows')
  const format = useFormat()
  const { history, selected } = useEditor(editor)
  const flow = history.now
  const ordered = useMemo(() => inOrder(flow, kinds), [flow, kinds])
  const number = useMemo(() => new Map(ordered.map((step, i) => [step.id, i + 1])), [ordered])
  const byId = useMemo(() => new Map(flow.steps.map((step) => [step.id, step])), [flow])
  const groups = new Map(flow.groups.map((group) => [group.id, group.title]))
  const out = outOf(flow.edges)
  const go = (id: string) => {
    const there = document.getElementById(`step-${id}`)
    there?.scrollIntoView({ block: 'center', behavior: 'smooth' })
    there?.querySelector('button')?.focus({ preventScroll: true })
  }
  return (
    <div className={classes.scroll}>
      <ol className={classes.outline} aria-label={t('canvasLabel', { name: flow.name, count: flow.steps.length })}>
        {ordered.map((step) => {
          const kind = kinds.get(step.kind)
          // What may happen beside it is shown for the step that one works on.
          const ways = shownWays(step, kind, flow.edges, selected.has(step.id))
          const problem = findings.get(step.id)?.[0]
          const mark = marks.steps.get(step.id)
          const dim = (marks.kind === 'path' || marks.kind === 'tests') && !mark
          return (
            <li
              key={step.id}
              id={`step-${step.id}`}
              className={classes.step}
              data-tone={kind?.group}
              data-note={step.kind === NOTE || undefined}
              data-selected={selected.has(step.id) || undefined}
              data-dim={dim || undefined}
              data-here={mark?.here || undefined}
            >
              <button type="button" className={classes.open} onClick={() => onOpen(step.id)}>
                <span className={classes.head}>
                  <StepIcon kind={step.kind} />
                  <span className={classes.title} dir="auto">
                    {format.number(number.get(step.id) ?? 0)}. {words.titleOf(step, kind)}
                  </span>
                  {step.group && <span className={classes.group}>{groups.get(step.group)}</span>}
                </span>
                <span className={`${classes.words} lined`} dir="auto">
                  {step.kind === NOTE ? String(step.fields.text ?? '') : words.faceOf(step, kind)}
                </span>
                {problem && (
                  <span className={classes.problem}>
                    <IconAlertTriangle size={16} aria-hidden />
                    {problem.message}
                  </span>
                )}
                {mark?.note && <span className={classes.count}>{mark.note}</span>}
              </button>
              {ways.length > 0 && (
                <ul className={classes.ways}>
                  {ways.map((way) => {
                    const edge = out.get(step.id)?.find((one) => one.branch === way.branch)
                    const target = edge ? byId.get(edge.to) : undefined
                    // A choice without a way of its own goes the way of all others.
                    const shared = way.from === 'item' && out.get(step.id)?.some((one) => one.branch === 'next')
                    const title = target ? words.titleOf(target, kinds.get(target.kind)) : ''
                    return (
                      <li key={way.branch}>
                        {(ways.length > 1 || way.branch !== 'next') && (
                          <span className={classes.wayWord}>{words.wayTitle(way)}</span>
                        )}
                        {target ? (
                          <button type="button" className={classes.way} onClick={() => go(target.id)}>
                            {t('goesTo', { number: format.number(number.get(target.id) ?? 0), title })}
                          </button>
                        ) : (
                          <span className={classes.nowhere}>
                            {shared
                              ? t('leadsLike', { way: kind?.branches.find((one) => one.name === 'next')?.title })
                              : t('leadsNowhere')}
                          </span>
                        )}
                        <ActionIcon
                          className={classes.add ?? ''}
                          aria-label={t('addAfter', { title: words.titleOf(step, kind), way: words.wayTitle(way) })}
                          onClick={() => onAdd({ step: step.id, branch: way.branch })}
                        >
                          <IconPlus size={16} />
                        </ActionIcon>
                      </li>
                    )
                  })}
                </ul>
              )}
            </li>
          )
        })}
      </ol>
      <Button
        variant="default"
        leftSection={<IconPlus size={16} />}
        className={classes.more ?? ''}
        onClick={() => onAdd(null)}
      >
        {t('addTitle')}
      </Button>
    </div>
  )
}
