// Bots as the program sends them, where it is finer than the shared types.
import type { Choice, Content } from '@/api/types'

export const TABS = ['flow', 'words', 'knowledge', 'channels', 'settings'] as const
export type Tab = (typeof TABS)[number]
export const isTab = (value: unknown): value is Tab => TABS.includes(value as Tab)

export const TEXT_KEYS = [
  'greeting',
  'unknown',
  'ask_name',
  'ask_details',
  'handover',
  'fallback',
  'unsupported',
] as const
export type TextKey = (typeof TEXT_KEYS)[number]
export type Texts = Partial<Record<TextKey, string>>

/** A step with the settings that its face shows; each kind has only some of them. */
export type Step = {
  id: string
  kind: string
  title?: string | null
  position?: { x: number; y: number }
  content?: Content
  text?: string
  choices?: Choice[]
  message?: string | null
  duration_ms?: number
  url?: string
  method?: string
  name?: string
  value?: string
  prompt?: string
  resolve?: boolean
  sources?: string[]
  all?: Rule[]
  any?: Rule[]
}
export type Rule = { left?: string; op?: string; right?: string }
export type Edge = { from: string; branch: string; to: string }
export type FlowView = {
  version: number
  flow: { name: string; steps: Step[]; edges: Edge[] }
  findings: { step?: string | null; severity?: string; message: string }[]
}
