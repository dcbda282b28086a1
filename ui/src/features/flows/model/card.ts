// How large a step is drawn. Sizes follow from what it holds, so that nothing has to be measured.
import type { Edge, Kind, Step } from '../types'
import type { Point } from './editing'
import { headWay, NOTE, shownWays, type Way } from './ways'

export const CARD = { width: 256, head: 40, words: 52, row: 28, foot: 6 }
const NOTE_LINE = 20
const NOTE_MOST = 12

export type Box = Point & { width: number; height: number }

export function heightOf(step: Step, kind: Kind | undefined, edges: Edge[], all = false): number {
  if (step.kind === NOTE) {
    const text = typeof step.fields.text === 'string' ? step.fields.text : ''
    const lines = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 34)), 0)
    return 28 + Math.min(Math.max(lines, 2), NOTE_MOST) * NOTE_LINE
  }
  const { rows } = placesOf(shownWays(step, kind, edges, all))
  return CARD.head + CARD.words + (rows.length > 0 ? rows.length * CARD.row + CARD.foot : 0)
}

/** Where on the card each way begins: one beside the name, the others in rows under the words. */
export function placesOf(ways: Way[]): { head: Way | null; rows: Way[] } {
  const head = headWay(ways)
  return { head, rows: head ? ways.slice(1) : ways }
}
/** How far down the card that is. */
export const headY = CARD.head / 2
export const rowY = (row: number) => CARD.head + CARD.words + row * CARD.row + CARD.row / 2

export function boxOf(step: Step, kind: Kind | undefined, edges: Edge[]): Box {
  return { ...step.position, width: CARD.width, height: heightOf(step, kind, edges) }
}

export function around(boxes: Box[]): Box {
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 }
  const x = Math.min(...boxes.map((box) => box.x))
  const y = Math.min(...boxes.map((box) => box.y))
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  }
}

export const overlap = (a: Box, b: Box, gap = 0) =>
  a.x < b.x + b.width + gap && b.x < a.x + a.width + gap && a.y < b.y + b.height + gap && b.y < a.y + a.height + gap
