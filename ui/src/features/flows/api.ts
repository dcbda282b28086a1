// Everything that the builder asks of the program: the queries, and the deeds with what they make stale.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { del, get, patch, post, put, request } from '@/api/client'
import type { Page } from '@/api/types'
import type {
  Changes,
  Definition,
  Finding,
  Flow,
  FlowDraft,
  FlowList,
  FlowSummary,
  FlowTest,
  Hook,
  Kind,
  Preview,
  PublishPreview,
  PublishRequest,
  Run,
  RunState,
  RunTimeline,
  Settings,
  Simulated,
  Simulation,
  Template,
  TestRun,
  Traffic,
  Version,
} from './types'

// Queries. The first part of a key is the tag that the program names when something changed: `flows` or `runs`.

export const kindsQuery = queryOptions({
  queryKey: ['flow-kinds'],
  queryFn: ({ signal }) => get<{ kinds: Kind[] }>('/flow-kinds', undefined, signal),
  // They come with the program and change only with it.
  staleTime: Number.POSITIVE_INFINITY,
  select: ({ kinds }) => kinds,
})
export const templatesQuery = queryOptions({
  queryKey: ['flow-templates'],
  queryFn: ({ signal }) => get<{ items: Template[] }>('/flow-templates', undefined, signal),
  staleTime: Number.POSITIVE_INFINITY,
  select: ({ items }) => items,
})
export const flowsQuery = (botId: string, deleted = false) =>
  queryOptions({
    queryKey: ['flows', botId, deleted ? 'deleted' : 'list'],
    queryFn: ({ signal }) => get<FlowList>(`/bots/${botId}/flows`, deleted ? { deleted: true } : {}, signal),
  })
export const flowQuery = (botId: string, flowId: string) =>
  queryOptions({
    queryKey: ['flows', botId, 'flow', flowId],
    queryFn: ({ signal }) => get<FlowDraft>(`/bots/${botId}/flows/${flowId}`, undefined, signal),
  })
export const trafficQuery = (botId: string, flowId: string, days: number) =>
  queryOptions({
    queryKey: ['runs', botId, 'traffic', flowId, days],
    queryFn: ({ signal }) => get<Traffic>(`/bots/${botId}/flows/${flowId}/traffic`, { days }, signal),
    refetchInterval: 60_000,
  })
export const testsQuery = (botId: string, flowId: string) =>
  queryOptions({
    queryKey: ['flows', botId, 'tests', flowId],
    queryFn: ({ signal }) => get<{ items: FlowTest[] }>(`/bots/${botId}/flows/${flowId}/tests`, undefined, signal),
    select: ({ items }) => items,
  })
export const versionsQuery = (botId: string) =>
  queryOptions({
    queryKey: ['flows', botId, 'versions'],
    queryFn: ({ signal }) => get<{ items: Version[] }>(`/bots/${botId}/versions`, undefined, signal),
    select: ({ items }) => items,
  })
/** `version`: an id, or `draft`. */
export const versionQuery = (botId: string, version: string) =>
  queryOptions({
    queryKey: ['flows', botId, 'version', version],
    queryFn: ({ signal }) => get<Definition>(`/bots/${botId}/versions/${version}`, undefined, signal),
  })
export const changesQuery = (botId: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['flows', botId, 'changes', from, to],
    queryFn: ({ signal }) => get<Changes>(`/bots/${botId}/changes`, { from, to }, signal),
  })
/** What publishing would do; always asked anew, since customers write meanwhile. */
export const publishPreviewQuery = (botId: string) =>
  queryOptions({
    queryKey: ['flows', botId, 'publish'],
    queryFn: ({ signal }) => get<PublishPreview>(`/bots/${botId}/publish`, undefined, signal),
    staleTime: 0,
  })
export const runsQuery = (botId: string, state: RunState) =>
  infiniteQueryOptions({
    queryKey: ['runs', botId, 'list', state],
    queryFn: ({ signal, pageParam }) => get<Page<Run>>(`/bots/${botId}/runs`, { state, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  })
export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: ['runs', 'one', runId],
    queryFn: ({ signal }) => get<RunTimeline>(`/runs/${runId}`, undefined, signal),
  })
/** The address at which a step of kind `webhook` listens, and what came last. */
export const hookQuery = (botId: string, flowId: string, stepId: string) =>
  queryOptions({
    queryKey: ['flows', botId, 'hook', flowId, stepId],
    queryFn: ({ signal }) => get<Hook>(`/bots/${botId}/flows/${flowId}/steps/${stepId}/hook`, undefined, signal),
  })

// Deeds without a hook, for where React is not.

export type NewFlow = {
  name: string
  folder?: string
  template?: string
  copy_of?: string
  definition?: unknown
}
export const createFlow = (botId: string, body: NewFlow) => post<FlowDraft>(`/bots/${botId}/flows`, body)
export const saveFlow = (botId: string, flowId: string, body: { revision: number; flow: Flow }) =>
  put<{ revision: number; findings: Finding[] }>(`/bots/${botId}/flows/${flowId}`, body)
export const changeFlow = (botId: string, flowId: string, body: { name?: string; folder?: string }) =>
  patch<FlowSummary>(`/bots/${botId}/flows/${flowId}`, body)
export const deleteFlow = (botId: string, flowId: string) => del(`/bots/${botId}/flows/${flowId}`)
export const restoreFlow = (botId: string, flowId: string) =>
  post<FlowSummary>(`/bots/${botId}/flows/${flowId}/restore`)
export const exportFlow = (botId: string, flowId: string) => get<Definition>(`/bots/${botId}/flows/${flowId}/export`)
export const simulate = (botId: string, body: Simulation, signal?: AbortSignal) =>
  request<Simulated>('POST', `/bots/${botId}/simulation`, { body, ...(signal ? { signal } : {}) })
/** The fields of a step of kind `http`, as the command line says them. */
export const curlToFields = (text: string) => post<Record<string, unknown>>('/http-requests/from-curl', { text })
export const previewExpression = (
  body: { bot: string; flow?: string; text: string; values?: Record<string, unknown> },
  signal?: AbortSignal,
) => request<Preview>('POST', '/expressions/preview', { body, ...(signal ? { signal } : {}) })

// Deeds as mutations; what they change is fetched again.

function useDeed<Input, Output>(run: (input: Input) => Promise<Output>, ...stale: string[][]) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSettled: () => Promise.all(stale.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
}

export const useCreateFlow = (botId: string) =>
  useDeed((body: NewFlow) => createFlow(botId, body), ['flows', botId, 'list'])
export const useChangeFlow = (botId: string) =>
  useDeed(
    ({ flowId, ...body }: { flowId: string; name?: string; folder?: string }) => changeFlow(botId, flowId, body),
    ['flows', botId],
  )
export const useSaveSettings = (botId: string) =>
  useDeed((settings: Settings) => put<Settings>(`/bots/${botId}/flow-settings`, settings), ['flows', botId])
export const usePublish = (botId: string) =>
  useDeed(
    (body: PublishRequest) => post<{ number: number }>(`/bots/${botId}/publish`, body),
    ['flows'],
    ['runs'],
    ['bots'],
  )
/** Rolls back: what that version holds is published anew; the drafts stay. */
export const useRestoreVersion = (botId: string) =>
  useDeed(
    (version: string) => post<{ number: number }>(`/bots/${botId}/versions/${version}/restore`),
    ['flows'],
    ['runs'],
    ['bots'],
  )
/** A version that was to go live by itself stays where it is. */
export const useUnschedule = (botId: string) =>
  useDeed((version: string) => del(`/bots/${botId}/versions/${version}/schedule`), ['flows'])
/** The drafts become what that version holds. */
export const useDraftsFromVersion = (botId: string) =>
  useDeed((version: string) => post<unknown>(`/bots/${botId}/versions/${version}/drafts`), ['flows'])
export const useSimulate = (botId: string) => useMutation({ mutationFn: (body: Simulation) => simulate(botId, body) })
export const useCreateTest = (botId: string, flowId: string) =>
  useDeed(
    (body: { name: string; script: Simulation }) => post<FlowTest>(`/bots/${botId}/flows/${flowId}/tests`, body),
    ['flows', botId, 'tests'],
  )
/** `accept`: what the script gives now is what is expected from now on. */
export const useChangeTest = (botId: string, flowId: string) =>
  useDeed(
    ({ testId, ...body }: { testId: string; name?: string; script?: Simulation; accept?: boolean }) =>
      put<FlowTest>(`/bots/${botId}/flows/${flowId}/tests/${testId}`, body),
    ['flows', botId, 'tests'],
  )
export const useDeleteTest = (botId: string, flowId: string) =>
  useDeed((testId: string) => del(`/bots/${botId}/flows/${flowId}/tests/${testId}`), ['flows', botId, 'tests'])
export const useRunTests = (botId: string, flowId: string) =>
  useDeed(() => post<TestRun>(`/bots/${botId}/flows/${flowId}/tests/run`), ['flows', botId, 'tests'])
export const useRunAgain = () =>
  useDeed(
    ({ runId, fromStep }: { runId: string; fromStep?: string }) =>
      post<{ run: string }>(`/runs/${runId}/again`, fromStep ? { from_step: fromStep } : {}),
    ['runs'],
  )
/** Says yes or no to what a run asked a person about. */
export const useDecide = (runId: string) =>
  useDeed(
    ({ seq, yes }: { seq: number; yes: boolean }) => post<void>(`/runs/${runId}/decisions/${seq}`, { yes }),
    ['runs'],
  )
export const useStopRun = () => useDeed((runId: string) => post<void>(`/runs/${runId}/stop`), ['runs'])
export const useCurl = () => useMutation({ mutationFn: curlToFields })
