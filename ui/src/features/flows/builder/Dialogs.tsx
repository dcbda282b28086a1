// What the builder asks in the middle of the screen: which step to add, where a way leads, a name, whether to publish.
import { lazy, Suspense } from 'react'
import type { Words } from '../canvas/drawing'
import { RenameDialog } from '../list/RenameDialog'
import type { Editor } from '../model/editor'
import { AddDialog } from '../palette/AddDialog'
import type { FlowDraft, Kind } from '../types'
import { ConnectDialog } from './ConnectDialog'
import { PortsDialog } from './PortsDialog'
import type { Place } from './useDeeds'

const PublishDialog = lazy(() => import('../versions/PublishDialog').then((m) => ({ default: m.PublishDialog })))

export function Dialogs(props: {
  botId: string
  draft: FlowDraft
  editor: Editor
  kinds: Kind[]
  byName: ReadonlyMap<string, Kind>
  words: Words
  /** Where a step is asked for. */
  place: Place | null
  /** The step from which a way is drawn. */
  joining: string | null
  renaming: boolean
  ports: boolean
  publishing: boolean
  onPick: (kind: string) => void
  on: {
    place: (place: Place | null) => void
    joining: (step: string | null) => void
    renaming: (open: boolean) => void
    ports: (open: boolean) => void
    publishing: (open: boolean) => void
  }
}) {
  const { botId, draft, editor, place, on } = props
  return (
    <>
      <AddDialog
        kinds={props.kinds}
        opened={place !== null}
        following={Boolean(place?.from || place?.edge)}
        onPick={props.onPick}
        onClose={() => on.place(null)}
      />
      <ConnectDialog
        editor={editor}
        kinds={props.byName}
        words={props.words}
        step={editor.flow.steps.find((one) => one.id === props.joining) ?? null}
        onClose={() => on.joining(null)}
      />
      <RenameDialog botId={botId} flow={props.renaming ? draft : null} onClose={() => on.renaming(false)} />
      <PortsDialog editor={editor} opened={props.ports} onClose={() => on.ports(false)} />
      {props.publishing && (
        <Suspense fallback={null}>
          <PublishDialog botId={botId} opened onClose={() => on.publishing(false)} />
        </Suspense>
      )}
    </>
  )
}
