// Bots as the program sends them, under the names that this screen uses.
import type { components } from '@/api/schema'
import type { BotFlow, BotTexts, FlowEdge, FlowStep } from '@/api/types'

type Schemas = components['schemas']

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
export type Texts = BotTexts

export type Rule = Partial<Omit<Schemas['ConditionRule'], 'op'>> & { op?: string }
/** The settings of every kind of step at once. */
type Settings = Schemas['MessageStep'] &
  Schemas['ChoicesStep'] &
  Schemas['SetStep'] &
  Schemas['AnswerStep'] &
  Schemas['GenerateStep'] &
  Pick<Schemas['HttpStep'], 'method' | 'url'> &
  Schemas['WaitStep'] &
  Schemas['HandoverStep'] &
  Schemas['EndStep']
/** A step with the settings that its face shows: each kind has only some of them, and a newer program may know more. */
export type Step = Pick<FlowStep, 'id'> &
  Partial<Pick<FlowStep, 'title' | 'position'> & Settings> & { kind: string; all?: Rule[]; any?: Rule[] }
export type Edge = FlowEdge
export type FlowView = BotFlow
