// Conversations as the program sends them.
import type {
  Answer as ApiAnswer,
  ChannelKind,
  Citation,
  Content,
  Hit,
  Id,
  MessageStatus,
  Rung,
  Time,
} from '@/api/types'

export const FILTERS = ['waiting', 'open', 'all', 'resolved'] as const
export type Filter = (typeof FILTERS)[number]
export const isFilter = (value: unknown): value is Filter => FILTERS.includes(value as Filter)

export type Summary = {
  id: Id
  contact: { id: Id; name: string | null; handle: string | null }
  channel: { id: Id; kind: ChannelKind; name: string }
  bot_id: Id
  mode: 'bot' | 'person'
  waiting: boolean
  status: 'open' | 'resolved'
  preview: string
  last_message_at: Time
  unread: number
  window_closes_at: Time | null
}
export type Person = {
  id: Id
  name: string | null
  handles: string[]
  language: string | null
  fields: Record<string, unknown>
}
export type Conversation = Summary & { person: Person; run_status: string | null }

export type Answer = Omit<ApiAnswer, 'language' | 'rung'> & { rung: Rung; model?: string | null }
export type Message = {
  id: Id
  direction: 'in' | 'out'
  author: { kind: 'contact' | 'bot' | 'person' | 'phone'; name: string | null }
  content: Content
  status: MessageStatus
  error: { message: string } | null
  answer: Answer | null
  reactions: { emoji: string; by: string }[]
  replied_to: string | null
  edited_at: Time | null
  deleted: boolean
  at: Time
}
export type Why = {
  question: string | null
  rung: Rung | null
  confidence: number | null
  ms: number | null
  steps: { at: Time; title: string; note: string }[]
  hits: Hit[]
  citations: Citation[]
}
