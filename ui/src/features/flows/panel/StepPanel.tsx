// Everything about one step: what it does, its settings as its kind declares them, what is wrong, an example.
import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ComponentType, lazy, Suspense, useCallback, useId, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { offerUndo } from '@/components/notice'
import { faceOf, StepIcon, titleOf } from '../steps'
import type { Finding, Flow, FlowSummary, Kind, Step } from '../types'
import { PanelScopeProvider, secretsQuery } from './context'
import { Example } from './Example'
import { FailureSettings } from './Failure'
import { FieldView, isShown } from './FieldView'
import { Fold } from './Fold'
import { Problem } from './inputs/input'
import classes from './Panel.module.css'
import type { PartProps } from './part'
import { knownAt, samplesOf, sendsSecrets } from './variables'
import { Ways } from './Ways'

/** What a kind shows beyond its fields; few need it. */
const parts = new Map(
  Object.entries(import.meta.glob<{ default: ComponentType<PartProps> }>('../steps/*/Part.tsx')).map(([path, load]) => [
    path.split('/').at(-2) ?? '',
    lazy(load),
  ]),
)

const NONE: Finding[] = []
const OPEN = '[role="menu"], [role="listbox"], [aria-haspopup][aria-expanded="true"]'
/** So many fields are shown; of more, those that nobody touched lie folded. */
const SHOWN = 6

export type StepPanelProps = {
  flow: Flow
  step: Step
  kind: Kind | undefined
  kinds: readonly Kind[]
  findings: readonly Finding[]
  flows: readonly FlowSummary[]
  onChange: (step: Step) => void
  onClose: () => void
}

export function StepPanel(props: StepPanelProps) {
  // Fields keep words of their own while they are typed; another step begins anew.
  return <PanelOf key={props.step.id} {...props} />
}

function PanelOf({ flow, step, kind, kinds, findings, flows, onChange, onClose }: StepPanelProps) {
  const { t } = useTranslation('flowsteps')
  const id = useId()
  const { botId = '' } = useParams({ strict: false }) as { botId?: string }
  const byName = useMemo(() => new Map(kinds.map((one) => [one.name, one])), [kinds])
  const { data: secrets } = useQuery({ ...secretsQuery, enabled: sendsSecrets(step.kind) })
  const known = useMemo(() => knownAt(flow, step, byName, secrets), [flow, step, byName, secrets])
  const samples = useMemo(() => samplesOf(known), [known])
  const scope = useMemo(
    () => ({ botId, flow, step, kind, kinds: byName, flows, known, samples }),
    [botId, flow, step, kind, byName, flows, known, samples],
  )

  // The setters stay the same ones, so that a key in one field does not draw the others.
  const latest = useRef({ step, onChange })
  latest.current = { step, onChange }
  const setters = useRef(new Map<string, (value: unknown) => void>())
  const setterOf = useCallback((name: string) => {
    const made =
      setters.current.get(name) ??
      ((value: unknown) => {
        const { step: now, onChange: send } = latest.current
        const fields = { ...now.fields, [name]: value }
        // What is left out takes the kind's own value.
        if (value === undefined) delete fields[name]
        send({ ...now, fields })
      })
    setters.current.set(name, made)
    return made
  }, [])

  const mine = useMemo(() => findings.filter((finding) => finding.step === step.id), [findings, step.id])
  const shown = (kind?.fields ?? []).filter((field) => isShown(field, { ...kind?.defaults, ...step.fields }))
  const problems = useMemo(() => {
    const byField = new Map<string, Finding[]>()
    for (const finding of mine) {
      const name = (finding.field ?? '').split(/[.[]/)[0] ?? ''
      byField.set(name, [...(byField.get(name) ?? []), finding])
    }
    return byField
  }, [mine])
  const names = new Set(shown.map((field) => field.name))
  const loose = mine.filter((finding) => !names.has((finding.field ?? '').split(/[.[]/)[0] ?? ''))

  // Which fields lie folded is decided once: a field must not jump while somebody fills it in.
  const folded = useRef<Set<string> | null>(null)
  folded.current ??= new Set(
    (kind?.fields ?? [])
      .slice(SHOWN)
      .filter(({ name, required }) => {
        const untouched = JSON.stringify(step.fields?.[name]) === JSON.stringify(kind?.defaults[name])
        return !required && (untouched || step.fields?.[name] === undefined)
      })
      .map(({ name }) => name),
  )
  const fold = folded.current.size > 1 ? folded.current : new Set<string>()
  const rare = shown.filter((field) => fold.has(field.name))
  const Part = parts.get(step.kind)

  const view = (field: (typeof shown)[number]) => (
    <FieldView
      key={field.name}
      field={field}
      value={step.fields?.[field.name] ?? kind?.defaults[field.name]}
      onChange={setterOf(field.name)}
      problems={problems.get(field.name) ?? NONE}
    />
  )
  return (
    <PanelScopeProvider value={scope}>
      <section
        className={classes.panel}
        aria-labelledby={id}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.defaultPrevented || event.nativeEvent.isComposing) return
          // A list or a menu that is open closes first.
          if ((event.target as Element).closest(OPEN)) return
          event.stopPropagation()
          onClose()
        }}
      >
        <header className={classes.head}>
          <span className={classes.icon}>
            <StepIcon kind={step.kind} />
          </span>
          <div className={classes.headWords}>
            <h2 id={id} className={classes.hidden}>
              {titleOf(step, kind)}
            </h2>
            <input
              className={`${classes.title} lined`}
              aria-label={t('stepTitle')}
              placeholder={titleOf({ ...step, title: '' }, kind)}
              value={step.title ?? ''}
              maxLength={80}
              dir="auto"
              onChange={(event) => {
                const { title: _, ...rest } = step
                const title = event.currentTarget.value
                onChange(title ? { ...rest, title } : rest)
              }}
            />
            <p className={`${classes.says} lined`} dir="auto">
              {faceOf(step, kind, t)}
            </p>
          </div>
          <ActionIcon aria-label={t('closePanel')} onClick={onClose}>
            <IconX size={18} />
          </ActionIcon>
        </header>
        <div className={classes.body}>
          {loose.length > 0 && (
            <ul className={classes.problems} aria-label={t('problems')}>
              {loose.map((finding) => (
                <li key={`${finding.field}${finding.message}`} data-severity={finding.severity}>
                  <Problem finding={finding} />
                </li>
              ))}
            </ul>
          )}
          {kind ? <p className={classes.help}>{kind.help}</p> : <p className={classes.help}>{t('unknownKind')}</p>}
          {kind?.channels.map((note) => (
            <p key={note.channel} className={classes.channel}>
              <strong>{t(`flowsteps:channel.${note.channel}`)}</strong> {note.note}
            </p>
          ))}
          {Part && (
            <Suspense>
              <Part step={step} onChange={onChange} />
            </Suspense>
          )}
          {shown.length > 0 && <div className={classes.fields}>{shown.filter((f) => !fold.has(f.name)).map(view)}</div>}
          {rare.length > 0 && (
            <Fold
              title={t('moreSettings', { count: rare.length })}
              startOpen={rare.some((field) => problems.has(field.name))}
            >
              <div className={classes.fields}>{rare.map(view)}</div>
            </Fold>
          )}
          {kind?.outside && <FailureSettings step={step} onChange={onChange} />}
          <Ways />
          {kind && (kind.example_says || Object.keys(kind.example).length > 0) && (
            <Example
              kind={kind}
              take={
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => {
                    const before = step
                    onChange({ ...step, fields: { ...step.fields, ...kind.example } })
                    offerUndo(t('exampleTaken'), () => onChange(before))
                  }}
                >
                  {t('takeExample')}
                </Button>
              }
            />
          )}
        </div>
      </section>
    </PanelScopeProvider>
  )
}
