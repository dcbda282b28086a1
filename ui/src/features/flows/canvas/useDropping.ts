// Steps that are dragged from the palette: onto the paper, or onto a way.
import { type DragEvent, type RefObject, useRef } from 'react'
import { CARD } from '../model/card'
import { edgeId, type Point } from '../model/editing'
import type { Editor } from '../model/editor'
import type { Edge } from '../types'
import type { Instance } from './useControl'
import { DRAGGED_KIND, edgeUnder } from './view'

export function useDropping(
  editor: Editor,
  frame: RefObject<HTMLElement | null>,
  canvas: RefObject<Instance | null>,
  onDropKind: (kind: string, at: Point, onto: Edge | null) => void,
) {
  const over = useRef<Element | null>(null)
  const mark = (next: Element | null) => {
    if (over.current === next) return
    over.current?.removeAttribute('data-over')
    next?.setAttribute('data-over', '')
    over.current = next
  }
  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(DRAGGED_KIND)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    frame.current?.setAttribute('data-dropping', '')
    mark(edgeUnder(event.clientX, event.clientY))
  }
  const endDrop = () => {
    mark(null)
    frame.current?.removeAttribute('data-dropping')
  }
  const onDrop = (event: DragEvent) => {
    const kind = event.dataTransfer.getData(DRAGGED_KIND)
    const target = over.current?.getAttribute('data-id')
    endDrop()
    if (!kind || !canvas.current) return
    event.preventDefault()
    const { x, y } = canvas.current.screenToFlowPosition({ x: event.clientX, y: event.clientY })
    const onto = editor.flow.edges.find((one) => edgeId(one) === target) ?? null
    onDropKind(kind, { x: x - CARD.width / 2, y: y - CARD.head / 2 }, onto)
  }
  return { onDragOver, onDragLeave: endDrop, onDrop }
}
