// The flow that is being edited, what is chosen in it, and how to hear of changes. One for each opened builder.
import { useSyncExternalStore } from 'react'
import type { Flow } from '../types'
import { begin, change, type History, redo, undo } from './history'

export type EditorState = { history: History; selected: ReadonlySet<string>; edge: string | null }
const NONE: ReadonlySet<string> = new Set()

export class Editor {
  private state: EditorState
  private readonly listeners = new Set<() => void>()

  constructor(flow: Flow) {
    this.state = { history: begin(flow), selected: NONE, edge: null }
  }

  readonly read = () => this.state
  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  get flow() {
    return this.state.history.now
  }

  private set(next: Partial<EditorState>) {
    this.state = { ...this.state, ...next }
    for (const listener of this.listeners) listener()
  }

  /** Makes a change that can be undone. `tag`: see `change` in history. */
  edit(run: (flow: Flow) => Flow, tag: string | null = null) {
    const history = change(this.state.history, run(this.flow), tag, Date.now())
    if (history !== this.state.history) this.set({ history, ...this.without(history.now) })
  }
  undo() {
    const history = undo(this.state.history)
    if (history !== this.state.history) this.set({ history, ...this.without(history.now) })
  }
  redo() {
    const history = redo(this.state.history)
    if (history !== this.state.history) this.set({ history, ...this.without(history.now) })
  }

  select(ids: Iterable<string>) {
    const selected = new Set(ids)
    const { selected: before } = this.state
    if (this.state.edge === null && selected.size === before.size && [...selected].every((id) => before.has(id))) return
    this.set({ selected, edge: null })
  }
  /** By the id of the canvas, see `edgeId`. */
  selectEdge(edge: string | null) {
    if (edge !== this.state.edge) this.set({ edge, ...(edge ? { selected: NONE } : {}) })
  }

  /** What is chosen, without what is no longer there. */
  private without(flow: Flow): Partial<EditorState> {
    const there = new Set(flow.steps.map((step) => step.id))
    const selected = [...this.state.selected].filter((id) => there.has(id))
    return selected.length === this.state.selected.size ? {} : { selected: new Set(selected) }
  }
}

export const useEditor = (editor: Editor): EditorState => useSyncExternalStore(editor.subscribe, editor.read)
