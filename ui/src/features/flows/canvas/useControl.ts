// What the builder may ask of the canvas: to show something, to zoom, where its middle is.
import type { ReactFlowInstance } from '@xyflow/react'
import { type Ref, type RefObject, useCallback, useImperativeHandle } from 'react'
import { around, boxOf, CARD } from '../model/card'
import type { Point } from '../model/editing'
import type { Editor } from '../model/editor'
import type { Kind } from '../types'
import type { CanvasNode, WayEdge } from './drawing'
import { revealBox } from './view'

export type Instance = ReactFlowInstance<CanvasNode, WayEdge>

export type CanvasControl = {
  show: (ids: string[]) => void
  /** Moves just so far that the step can be seen as a whole. */
  reveal: (id: string) => void
  whole: () => void
  zoom: (by: number) => void
  /** The middle of what one sees, in the drawing's own measure. */
  middle: () => Point
  focus: () => void
}

/** Gives back what puts the keyboard onto the canvas. */
export function useControl(
  control: Ref<CanvasControl>,
  editor: Editor,
  kinds: ReadonlyMap<string, Kind>,
  frame: RefObject<HTMLElement | null>,
  canvas: RefObject<Instance | null>,
) {
  const focus = useCallback(
    () => frame.current?.querySelector<HTMLElement>('.react-flow')?.focus({ preventScroll: true }),
    [frame],
  )
  useImperativeHandle(
    control,
    (): CanvasControl => ({
      show: (ids) => {
        const shown = editor.flow.steps.filter((step) => ids.includes(step.id))
        const box = around(shown.map((step) => boxOf(step, kinds.get(step.kind), editor.flow.edges)))
        if (shown.length === 0 || !canvas.current) return
        const zoom = Math.min(Math.max(canvas.current.getZoom(), 0.7), 1.2)
        void canvas.current.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom, duration: 200 })
      },
      reveal: (id) => {
        const step = editor.flow.steps.find((one) => one.id === id)
        const size = frame.current?.getBoundingClientRect()
        if (step && size && canvas.current)
          revealBox(canvas.current, boxOf(step, kinds.get(step.kind), editor.flow.edges), size)
      },
      whole: () => void canvas.current?.fitView({ duration: 200, padding: 0.1, maxZoom: 1 }),
      zoom: (by) => void canvas.current?.zoomTo(canvas.current.getZoom() * by, { duration: 120 }),
      middle: () => {
        const box = frame.current?.getBoundingClientRect()
        if (!box || !canvas.current) return { x: 0, y: 0 }
        const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
        const { x, y } = canvas.current.screenToFlowPosition(at)
        return { x: x - CARD.width / 2, y: y - 40 }
      },
      focus,
    }),
    [editor, kinds, focus, frame, canvas],
  )
  return focus
}
