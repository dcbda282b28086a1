// Conversations as the program sends them, under the names that the inbox uses.
import type { ConversationSummary } from '@/api/types'

export type { Answer, Conversation, ConversationChange, Message, Person, Why } from '@/api/types'

export const FILTERS = ['waiting', 'open', 'all', 'resolved'] as const
export type Filter = (typeof FILTERS)[number]
export const isFilter = (value: unknown): value is Filter => FILTERS.includes(value as Filter)

export type Summary = ConversationSummary
/** A flow that may be begun by hand, and what it is called in the inbox. */
export type Startable = { flow: string; label: string }
