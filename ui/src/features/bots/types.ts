// Bots as the program sends them, under the names that this screen uses.
import type { BotTexts } from '@/api/types'

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
