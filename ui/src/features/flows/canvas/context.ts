// What the parts of the canvas may ask for; stays the same object as long as the builder is open.
import { createContext } from 'react'
import type { Edge } from '../types'

export type Deeds = {
  /** Asks which step shall stand on this way. */
  insertOn: (edge: Edge) => void
  selectGroup: (group: string) => void
  renameGroup: (group: string, title: string) => void
  /** Words that each way and note needs; asked for once, not by each of them. */
  words: { insert: string; emptyNote: string }
}
export const CanvasDeeds = createContext<Deeds>({
  insertOn: () => {},
  selectGroup: () => {},
  renameGroup: () => {},
  words: { insert: '', emptyNote: '' },
})
