// A file that a person picked for a customer, one in each conversation: kept while one looks elsewhere, sent only once.
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { upload } from '@/api/client'
import { forgetDraft } from '@/lib/drafts'
import { newId } from '@/lib/id'
import { showSent } from './outbox'
import type { Message } from './types'

export type Picked = {
  client_id: string
  file: File
  /** Sends a picture, video or sound as it is, to be saved by the customer. */
  asDocument: boolean
  /** From 0 to 1 while it is being sent. */
  progress: number | null
  error: unknown
}

/** The words under a file are the draft of the reply. */
export const draftOf = (conversation: string) => `reply:${conversation}`

const all = new Map<string, Picked>()
const listeners = new Set<() => void>()

function tell() {
  for (const listener of listeners) listener()
}

function change(conversation: string, client_id: string, part: Partial<Picked>) {
  const picked = all.get(conversation)
  if (picked?.client_id !== client_id) return
  all.set(conversation, { ...picked, ...part })
  tell()
}

export function usePicked(conversation: string): Picked | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => all.get(conversation),
  )
}

/** Takes the place of one picked before; one that is on its way stays. */
export function pick(conversation: string, file: File) {
  if (all.get(conversation)?.progress != null) return
  all.set(conversation, { client_id: newId(), file, asDocument: false, progress: null, error: null })
  tell()
}

export function unpick(conversation: string) {
  all.delete(conversation)
  tell()
}

export function sendAsDocument(conversation: string, asDocument: boolean) {
  const picked = all.get(conversation)
  if (picked) change(conversation, picked.client_id, { asDocument, error: null })
}

/** On failure file and words stay where they are, with the reason. Resolves to whether it went. */
export async function sendPicked(queries: QueryClient, conversation: string, caption: string): Promise<boolean> {
  const picked = all.get(conversation)
  if (!picked || picked.progress !== null) return false
  const { client_id, file, asDocument } = picked
  const form = new FormData()
  form.set('client_id', client_id)
  if (caption) form.set('caption', caption)
  if (asDocument) form.set('as_document', 'true')
  form.set('file', file, file.name)
  change(conversation, client_id, { progress: 0, error: null })
  try {
    const made = await upload<Message>(`/conversations/${conversation}/files`, form, (progress) =>
      change(conversation, client_id, { progress }),
    )
    unpick(conversation)
    forgetDraft(draftOf(conversation))
    showSent(queries, conversation, made)
    return true
  } catch (error) {
    change(conversation, client_id, { progress: null, error })
    return false
  }
}

/** The file in what was pasted. Words that bring a picture of themselves along, as from Word and Excel, are words. */
export function pastedFile(data: DataTransfer): File | null {
  const written = data.types.includes('text/html') && data.getData('text/plain').trim() !== ''
  return written ? null : (data.files[0] ?? null)
}
