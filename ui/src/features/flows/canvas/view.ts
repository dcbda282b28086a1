// Where one looks at first, and what lies under the pointer.
import { around, type Box, boxOf, CARD } from '../model/card'
import type { Flow, Kind } from '../types'

/** The type under which a kind of step travels while it is dragged from the palette. */
export const DRAGGED_KIND = 'application/x-botflow-kind'

const READABLE = 0.85
const EDGE = 48

/** A flow that can be read as a whole is shown as a whole; a larger one from its beginning. */
export function firstView(flow: Flow, kinds: ReadonlyMap<string, Kind>, width: number, height: number) {
  if (flow.steps.length === 0) return { x: width / 2 - CARD.width / 2, y: height / 3, zoom: 1 }
  const box = around(flow.steps.map((step) => boxOf(step, kinds.get(step.kind), flow.edges)))
  const whole = Math.min((width - 2 * EDGE) / box.width, (height - 2 * EDGE) / box.height, 1)
  const zoom = Math.max(whole, READABLE)
  const start = flow.steps.find((step) => kinds.get(step.kind)?.entry) ?? flow.steps[0]
  const wide = box.width * zoom > width - 2 * EDGE
  const high = box.height * zoom > height - 2 * EDGE
  const x = wide ? EDGE - (start?.position.x ?? box.x) * zoom : (width - box.width * zoom) / 2 - box.x * zoom
  const y = high
    ? height / 2 - ((start?.position.y ?? box.y) + 46) * zoom
    : (height - box.height * zoom) / 2 - box.y * zoom
  return { x, y, zoom }
}

const CLEAR = 24

type View = { x: number; y: number; zoom: number }
type Movable = { getViewport: () => View; setViewport: (view: View, options: { duration: number }) => unknown }

/** How far to shift so that what lies from `start` on, `size` long, lies inside of `room`. */
export function shift(start: number, size: number, room: number): number {
  if (start < CLEAR) return CLEAR - start
  return start + size > room - CLEAR ? Math.max(room - CLEAR - start - size, CLEAR - start) : 0
}

export function revealBox(canvas: Movable, box: Box, room: { width: number; height: number }) {
  const { x, y, zoom } = canvas.getViewport()
  const across = shift(box.x * zoom + x, box.width * zoom, room.width)
  const down = shift(box.y * zoom + y, box.height * zoom, room.height)
  if (across || down) canvas.setViewport({ x: x + across, y: y + down, zoom }, { duration: 150 })
}

const under = (x: number, y: number, selector: string): Element | null => {
  for (const element of document.elementsFromPoint(x, y)) {
    const found = element.closest(selector)
    if (found) return found
  }
  return null
}
export const edgeUnder = (x: number, y: number) => under(x, y, '.react-flow__edge')
export const stepUnder = (x: number, y: number) =>
  under(x, y, '.react-flow__node:not(.react-flow__node-frame)')?.getAttribute('data-id') ?? null
