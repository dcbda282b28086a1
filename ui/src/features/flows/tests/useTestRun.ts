// Runs the tests of a flow by itself: when they are first looked at, and after each saving of the draft.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { post } from '@/api/client'
import { flowQuery, testsQuery } from '../api'
import type { TestRun } from '../types'

export function useTestRun(botId: string, flowId: string) {
  const { data: revision } = useQuery({ ...flowQuery(botId, flowId), select: (draft) => draft.revision })
  const tests = useQuery(testsQuery(botId, flowId))
  const ids = tests.data?.map((test) => test.id).join() ?? ''
  const run = useQuery({
    // Not under the tag `flows`: running them tells that they ran, and that must not run them again.
    queryKey: ['flow-tests', botId, flowId, revision, ids],
    queryFn: ({ signal: _ }) => post<TestRun>(`/bots/${botId}/flows/${flowId}/tests/run`),
    enabled: revision !== undefined && ids !== '',
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
    placeholderData: keepPreviousData,
  })
  return { tests, run }
}
