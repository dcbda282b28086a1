// The builder of one flow: toolbar, palette, canvas or list, and what stands beside them.
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Loading } from '@/components/States'
import { flowsQuery } from '../api'
import type { CanvasControl } from '../canvas/useControl'
import { replaceStep } from '../model/editing'
import { type Editor, useEditor } from '../model/editor'
import { Palette } from '../palette/Palette'
import type { Flow, FlowDraft, Kind } from '../types'
import classes from './Builder.module.css'
import { Dialogs } from './Dialogs'
import { Dock } from './Dock'
import { FindBox } from './FindBox'
import { MoreDeeds } from './MoreDeeds'
import { Outline } from './Outline'
import { Conflict, EmptyFlow, Problems, SelectionBar } from './Parts'
import { type Side, Toolbar } from './Toolbar'
import { useBuilderKeys } from './useBuilderKeys'
import { useCanvasProps } from './useCanvasProps'
import { useClipboard } from './useClipboard'
import { NOWHERE, type Place, useDeeds } from './useDeeds'
import { useFindingsByStep } from './useFindings'
import { focusPanel, useInView, useTitle } from './useInView'
import { useOverlay } from './useOverlay'
import { useSaving } from './useSaving'
import { useWords } from './words'

// The canvas is large and a phone may never ask for it.
const Canvas = lazy(() => import('../canvas/Canvas'))

const MINIMAP = 'botflow.minimap'

export type BuilderProps = {
  botId: string
  draft: FlowDraft
  kinds: Kind[]
  begun: Flow
  editor: Editor
  step?: string
  side?: Side
}

export function Builder({ botId, draft, kinds: list, begun, editor, ...first }: BuilderProps) {
  const { t } = useTranslation('flows')
  const navigate = useNavigate()
  const narrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false }) ?? false
  const { history, selected, edge } = useEditor(editor)
  const flow = history.now
  const kinds = useMemo(() => new Map(list.map((kind) => [kind.name, kind])), [list])
  const words = useWords()
  const saving = useSaving(botId, draft, begun, editor)
  const byStep = useFindingsByStep(saving.findings)
  const { data: flows } = useQuery(flowsQuery(botId))
  const canvas = useRef<CanvasControl | null>(null)
  const search = useRef<HTMLInputElement>(null)
  const body = useRef<HTMLDivElement>(null)

  const [shape, setShape] = useState<'drawing' | 'list' | null>(null)
  const asList = (shape ?? (narrow ? 'list' : 'drawing')) === 'list'
  const [side, setSide] = useState<Side | null>(first.side ?? null)
  const [open, setOpen] = useState(Boolean(first.step))
  const [place, setPlace] = useState<Place | null>(null)
  const [joining, setJoining] = useState<string | null>(null)
  const [finding, setFinding] = useState(false)
  const [publishing, setPublishing] = useState(false)
  const [renaming, setRenaming] = useState(false)
  const [ports, setPorts] = useState(false)
  const [minimap, setMinimap] = useLocalStorage({ key: MINIMAP, defaultValue: true, getInitialValueInEffect: false })
  const overlay = useOverlay(botId, flow.id)
  const { marks } = overlay

  const openStep = useCallback(
    (step: string, byKey = false) => {
      editor.select([step])
      setOpen(true)
      if (byKey) setTimeout(() => focusPanel(body.current), 60)
    },
    [editor],
  )
  const showStep = useCallback(
    (step: string) => {
      openStep(step)
      canvas.current?.show([step])
    },
    [openStep],
  )
  const deeds = useDeeds(editor, kinds, canvas, openStep)
  useClipboard(deeds)
  useTitle(flow.name)
  const only = selected.size === 1 ? [...selected][0] : undefined
  const step = open && only ? (flow.steps.find((one) => one.id === only) ?? null) : null
  useInView(canvas, editor, step?.id, first.step, openStep)
  const closeStep = () => {
    setOpen(false)
    canvas.current?.focus()
  }
  const toggle = (next: Side) => {
    setOpen(false)
    setSide((now) => (now === next ? null : next))
  }
  const publish = async () => {
    // On a phone the settings would lie over what is asked now.
    setOpen(false)
    if (await saving.flush()) setPublishing(true)
    else setSide('problems')
  }
  const onKey = useBuilderKeys({
    editor,
    deeds,
    canvas,
    search,
    asList,
    add: () => setPlace(NOWHERE),
    join: () => only && setJoining(only),
    find: () => setFinding(true),
    tryOut: () => toggle('try'),
    save: () => void saving.flush(),
    escape: () => {
      if (finding) setFinding(false)
      else if (open && only) setOpen(false)
      else if (selected.size > 0) editor.select([])
      else setSide(null)
    },
  })
  const canvasProps = useCanvasProps(editor, deeds, setPlace)
  const pick = (kind: string) => {
    deeds.add(kind, place ?? NOWHERE)
    setPlace(null)
  }
  const view = { editor, kinds, findings: byStep, marks, words }
  return (
    <div className={classes.builder}>
      <Toolbar
        botId={botId}
        flowId={flow.id}
        name={draft.name}
        flows={flows?.items ?? []}
        saving={saving.state}
        problems={saving.findings.length}
        canUndo={history.past.length > 0}
        canRedo={history.future.length > 0}
        side={side}
        days={overlay.days}
        list={asList}
        narrow={narrow}
        on={{
          undo: () => editor.undo(),
          redo: () => editor.redo(),
          find: () => setFinding(true),
          side: toggle,
          days: overlay.setDays,
          list: (next) => setShape(next ? 'list' : 'drawing'),
          publish: () => void publish(),
          rename: () => setRenaming(true),
          leave: (id) => void navigate({ to: `/bots/${botId}/flows/${id}` as '/' }),
        }}
        more={
          <MoreDeeds
            {...{ botId, editor, kinds, words, deeds, minimap }}
            drawing={!asList}
            onMinimap={setMinimap}
            onPorts={() => setPorts(true)}
            flush={saving.flush}
          />
        }
      />
      {saving.theirs && <Conflict theirs={saving.theirs} onSettle={saving.settle} />}
      <div ref={body} className={classes.body}>
        {!asList && !narrow && (
          <aside className={classes.palette} aria-label={t('palette')}>
            <Palette kinds={list} onPick={(kind) => deeds.add(kind)} search={search} draggable />
          </aside>
        )}
        <div className={classes.middle}>
          {asList ? (
            <Outline {...view} onOpen={openStep} onAdd={(from) => setPlace({ ...NOWHERE, from })} />
          ) : (
            <Suspense fallback={<Loading shape="cards" count={3} />}>
              <Canvas
                {...view}
                // Beside an open panel it would cover what is worked on.
                minimap={minimap && !narrow && !side && !step}
                control={canvas}
                {...canvasProps}
                onOpen={openStep}
                onKey={onKey}
              />
            </Suspense>
          )}
          {flow.steps.length === 0 && !asList && <EmptyFlow onAdd={() => setPlace(NOWHERE)} />}
          {overlay.quiet && <p className={classes.overlayNote}>{t('trafficNone')}</p>}
          {finding && (
            <FindBox
              {...{ flow, kinds, words }}
              onOpen={(id, stay) => {
                editor.select([id])
                canvas.current?.show([id])
                if (stay) return
                setFinding(false)
                openStep(id)
              }}
              onClose={() => {
                setFinding(false)
                canvas.current?.focus()
              }}
            />
          )}
          {(selected.size > 0 || edge) && (
            <SelectionBar
              count={selected.size}
              way={edge !== null}
              deeds={deeds}
              onJoin={() => only && setJoining(only)}
            />
          )}
        </div>
        <Dock
          botId={botId}
          flow={flow}
          kinds={list}
          kind={step ? kinds.get(step.kind) : undefined}
          flows={flows?.items ?? []}
          findings={saving.findings}
          step={step}
          side={side}
          narrow={narrow}
          problems={
            <Problems
              {...{ flow, kinds, words }}
              findings={saving.findings}
              onOpen={showStep}
              onClose={() => setSide(null)}
            />
          }
          onSide={setSide}
          onStep={(next) => editor.edit((now) => replaceStep(now, next, kinds), `step ${next.id}`)}
          onCloseStep={closeStep}
          onPath={(path) => {
            overlay.setPath(path)
            const last = path.at(-1)
            if (last) canvas.current?.reveal(last.step)
          }}
          onCoverage={overlay.setCoverage}
        />
      </div>
      <Dialogs
        {...{ botId, draft, editor, words, place, joining, renaming, ports, publishing }}
        kinds={list}
        byName={kinds}
        onPick={pick}
        on={{ place: setPlace, joining: setJoining, renaming: setRenaming, ports: setPorts, publishing: setPublishing }}
      />
    </div>
  )
}
