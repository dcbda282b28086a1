// What every field of the panel may need to know: the step in its flow, and what can be read there.
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { get } from '@/api/client'
import type { List } from '@/api/types'
import { previewExpression } from '../api'
import { record } from '../steps/face'
import type { Flow, FlowSummary, Kind, Preview, Step } from '../types'
import { hasExpression } from './expression'
import type { Known } from './variables'

export type PanelScope = {
  botId: string
  flow: Flow
  step: Step
  kind: Kind | undefined
  kinds: ReadonlyMap<string, Kind>
  flows: readonly FlowSummary[]
  known: readonly Known[]
  samples: Record<string, unknown>
}

const Scope = createContext<PanelScope | null>(null)
export const PanelScopeProvider = Scope.Provider

export function usePanelScope(): PanelScope {
  const scope = useContext(Scope)
  if (!scope) throw new Error('A field stands outside of a panel.')
  return scope
}

const PAUSE_MS = 400
/** Longer texts are not filled in while somebody types them. */
const LONGEST = 8_000

/** Names of what the business keeps sealed; its values never leave the program. */
export const secretsQuery = queryOptions({
  queryKey: ['secrets'],
  queryFn: ({ signal }) => get<List<{ name: string }>>('/secrets', undefined, signal),
  select: ({ items }) => items.map(({ name }) => name),
})

/** The program says a place only of what is written wrongly; a value that the samples lack is no mistake. */
function placed(problem: unknown): Preview['problem'] {
  const { message, at, from, to } = (record(problem) ?? {}) as Record<string, unknown>
  const place = record(at) ?? { from, to }
  if (typeof message !== 'string' || typeof place.from !== 'number' || typeof place.to !== 'number') return null
  return { message, from: place.from, to: place.to }
}

/** What a text with expressions gives with sample values, a moment after the last key. */
export function usePreview(text: string): Preview | null {
  const { botId, flow, samples } = usePanelScope()
  const [settled] = useDebouncedValue(text, PAUSE_MS)
  const asked = Boolean(botId) && hasExpression(settled) && settled.length <= LONGEST
  const { data } = useQuery({
    queryKey: ['expression-preview', botId, flow.id, settled, samples],
    queryFn: ({ signal }) => previewExpression({ bot: botId, flow: flow.id, text: settled, values: samples }, signal),
    enabled: asked,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
    select: ({ result, problem }): Preview => ({ result: result ?? null, problem: placed(problem) }),
  })
  return asked && hasExpression(text) ? (data ?? null) : null
}
