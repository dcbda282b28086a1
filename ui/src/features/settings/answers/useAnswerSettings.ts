// Reading and changing how answers are made; a change shows at once and is taken back when it fails.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { get, put } from '@/api/client'
import type { AnswerSettings, AnswerSettingsInput, ProviderInput } from '@/api/types'
import { tellError } from '@/components/notice'

export const answerSettingsQuery = queryOptions({
  queryKey: ['models', 'answers'],
  queryFn: ({ signal }) => get<AnswerSettings>('/settings/answers', undefined, signal),
})

/** Begins the name of a service that the program has not seen yet; it makes the real one. */
export const NEW = 'new:'

/** What is sent: without what only the program knows; a key only when a new one was entered. */
export function toInput(settings: AnswerSettings, keys: Record<string, string> = {}): AnswerSettingsInput {
  return {
    ...settings,
    providers: settings.providers.map(({ id, has_key: _has, ...rest }): ProviderInput => {
      const key = keys[id]
      return { ...rest, ...(id.startsWith(NEW) ? {} : { id }), ...(key ? { key } : {}) }
    }),
  }
}

export function useSaveAnswers() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ settings, keys }: { settings: AnswerSettings; keys?: Record<string, string> }) =>
      put<AnswerSettings>('/settings/answers', toInput(settings, keys)),
    onMutate: ({ settings }) => {
      const before = queries.getQueryData(answerSettingsQuery.queryKey)
      queries.setQueryData(answerSettingsQuery.queryKey, settings)
      return { before }
    },
    onSuccess: (next) => queries.setQueryData(answerSettingsQuery.queryKey, next),
    onError: (error, _change, context) => {
      if (context?.before) queries.setQueryData(answerSettingsQuery.queryKey, context.before)
      tellError(error)
    },
  })
}

/** `from` and `to` are places in the list. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  if (to < 0 || to >= list.length || from === to) return list
  const next = [...list]
  const [item] = next.splice(from, 1)
  if (item !== undefined) next.splice(to, 0, item)
  return next
}
