// Knowledge as the program sends it, where it is finer than the shared types.
import type { Id, Time } from '@/api/types'

export const ADD_KINDS = ['file', 'web', 'text', 'pairs'] as const
export type AddKind = (typeof ADD_KINDS)[number]
export const isAddKind = (value: unknown): value is AddKind => ADD_KINDS.includes(value as AddKind)

export type Gap = {
  id: Id
  question: string
  count: number
  /** Other wordings, as customers wrote them. */
  examples: (string | { question: string })[]
  last_asked_at: Time
  state: 'open' | 'taught' | 'dismissed'
}
