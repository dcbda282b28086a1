// The keys of the canvas itself: walking from step to step and moving them. The rest is told by name.
import type { KeyboardEvent } from 'react'
import { moveSteps } from '../model/editing'
import type { Editor } from '../model/editor'
import { type Direction, inOrder, neighbour } from '../model/walk'
import type { Kind } from '../types'

const STEP = 20
const MOVES: Record<Direction, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
}
/** Keys that the builder knows; pressed here they are its own. */
export const NAMED = ['Delete', 'Backspace', 'Escape', 'n', 'w', 'f', 'l', 't', '/', '+', '=', '-', '0'] as const

export function useCanvasKeys(
  editor: Editor,
  kinds: ReadonlyMap<string, Kind>,
  onKey: (key: string) => void,
  onOpen: (step: string) => void,
) {
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return
    const { selected } = editor.read()
    const mine = () => {
      event.preventDefault()
      event.stopPropagation()
    }
    const direction = event.key in MOVES ? (event.key as Direction) : null
    if (direction && event.shiftKey) {
      mine()
      const [x, y] = MOVES[direction]
      const places = new Map(
        editor.flow.steps
          .filter((step) => selected.has(step.id))
          .map((step) => [step.id, { x: step.position.x + x, y: step.position.y + y }]),
      )
      return editor.edit((now) => moveSteps(now, places), 'nudge')
    }
    if (direction) {
      mine()
      const from = [...selected].at(-1)
      const next = from ? neighbour(editor.flow, from, direction) : inOrder(editor.flow, kinds)[0]?.id
      if (next) {
        editor.select([next])
        onKey('show')
      }
      return
    }
    if (event.key === 'Enter' && selected.size === 1) {
      mine()
      return onOpen([...selected][0] ?? '')
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if ((NAMED as readonly string[]).includes(key)) {
      mine()
      onKey(key)
    }
  }
}
