// Replies on their way: shown at once, kept until the program has them, sent again with the same id.
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { post } from '@/api/client'
import type { Page } from '@/api/types'
import { newId } from '@/lib/id'
import { messagesQuery } from './queries'
import type { Message } from './types'

export type Sending = { client_id: string; conversation: string; text: string; at: number; error: unknown }

const KEY = 'botflow.replies'
let all: Sending[] = restore()
const listeners = new Set<() => void>()

/** What was not sent when the window closed waits, marked as such, for a person to send it again. */
function restore(): Sending[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]') as Sending[]
    return kept.map((sending) => ({ ...sending, error: 'kept' }))
  } catch {
    return []
  }
}

function set(next: Sending[]) {
  all = next
  try {
    localStorage.setItem(KEY, JSON.stringify(all.map((sending) => ({ ...sending, error: null }))))
  } catch {
    // Without a store they live as long as the window.
  }
  for (const listener of listeners) listener()
}

export function useSending(conversation: string): Sending[] {
  const every = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => all,
  )
  return every.filter((sending) => sending.conversation === conversation)
}

export function reply(queries: QueryClient, conversation: string, text: string) {
  const sending = { client_id: newId(), conversation, text, at: Date.now(), error: null }
  set([...all, sending])
  return deliver(queries, sending)
}

export function sendAgain(queries: QueryClient, sending: Sending) {
  set(all.map((other) => (other.client_id === sending.client_id ? { ...other, error: null } : other)))
  return deliver(queries, sending)
}

export function discard(client_id: string) {
  set(all.filter((other) => other.client_id !== client_id))
}

async function deliver(queries: QueryClient, { client_id, conversation, text }: Sending) {
  try {
    const made = await post<Message>(`/conversations/${conversation}/messages`, { text, client_id })
    discard(client_id)
    showSent(queries, conversation, made)
  } catch (error) {
    set(all.map((other) => (other.client_id === client_id ? { ...other, error } : other)))
  }
}

/** What the program has taken stands in the thread at once. */
export function showSent(queries: QueryClient, conversation: string, made: Message) {
  queries.setQueryData<InfiniteData<Page<Message>, string | null>>(messagesQuery(conversation).queryKey, (data) =>
    data && !data.pages.some((page) => page.items.some((item) => item.id === made.id))
      ? {
          ...data,
          pages: data.pages.map((page, i) => (i === 0 ? { ...page, items: [made, ...page.items] } : page)),
        }
      : data,
  )
  for (const tag of ['conversations', `conversation:${conversation}`, 'home'])
    void queries.invalidateQueries({ queryKey: [tag] })
}
