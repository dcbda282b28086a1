// Replies: shown at once, never lost, never sent twice under two names.
import { QueryClient } from '@tanstack/react-query'
import { renderHook, waitFor } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { reply, sendAgain, useSending } from './outbox'
import { messagesQuery } from './queries'

it('a reply that fails stays with its reason, and goes out again under the same id', async () => {
  const ids: string[] = []
  let fails = true
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    ids.push(JSON.parse(String(init.body)).client_id)
    if (fails) throw new TypeError('network')
    return new Response(JSON.stringify({ id: 'm1', content: { kind: 'text', text: 'Hi' } }))
  })
  const queries = new QueryClient()
  queries.setQueryData(messagesQuery('c1').queryKey, { pages: [{ items: [], next: null }], pageParams: [null] })
  const { result } = renderHook(() => useSending('c1'))
  await reply(queries, 'c1', 'Hi')
  await waitFor(() => expect(result.current[0]?.error).toBeTruthy())
  expect(localStorage.getItem('botflow.replies')).toContain('Hi')
  fails = false
  const [sending] = result.current
  if (sending) await sendAgain(queries, sending)
  await waitFor(() => expect(result.current).toEqual([]))
  expect(new Set(ids).size).toBe(1)
  expect(queries.getQueryData(messagesQuery('c1').queryKey)?.pages[0]?.items.map((item) => item.id)).toEqual(['m1'])
  expect(localStorage.getItem('botflow.replies')).toBe('[]')
  vi.unstubAllGlobals()
})
