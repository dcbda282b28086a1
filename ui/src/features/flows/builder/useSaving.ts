// The draft saves itself a moment after each change; when somebody else changed it meanwhile, it asks which one stays.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/client'
import { tell, tellError } from '@/components/notice'
import type { Saving } from '@/components/SaveState'
import { connection } from '@/lib/connection'
import { writeDraft } from '@/lib/drafts'
import { flowQuery, saveFlow } from '../api'
import type { Editor } from '../model/editor'
import type { Flow, FlowDraft } from '../types'

const PAUSE_MS = 800
const RETRY_MS = 5_000
/** What goes away by itself, so that it is worth another try. */
const PASSING: string[] = ['offline', 'internal', 'unavailable', 'timeout', 'too_many', 'upstream']
export const draftKey = (flowId: string) => `flow.${flowId}`

/** `begun`: the flow as it was opened, which the program has under the draft's revision. */
export function useSaving(botId: string, draft: FlowDraft, begun: Flow, editor: Editor) {
  const { t } = useTranslation('flows')
  const queries = useQueryClient()
  const [state, setState] = useState<Saving>('idle')
  const [findings, setFindings] = useState(draft.findings)
  const [theirs, setTheirs] = useState<FlowDraft | null>(null)
  const base = useRef({ revision: draft.revision, flow: begun })
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const sending = useRef<Promise<void> | null>(null)
  const stopped = useRef(false)
  const again = useRef(false)

  const keepHere = useCallback(() => {
    const dirty = editor.flow !== base.current.flow
    writeDraft(draftKey(draft.id), dirty ? JSON.stringify({ revision: base.current.revision, flow: editor.flow }) : '')
  }, [editor, draft.id])

  const send = useCallback(async () => {
    const flow = editor.flow
    setState('saving')
    try {
      const saved = await saveFlow(botId, draft.id, { revision: base.current.revision, flow })
      again.current = false
      base.current = { revision: saved.revision, flow }
      setFindings(saved.findings)
      queries.setQueryData(flowQuery(botId, draft.id).queryKey, (now) =>
        now ? { ...now, ...saved, name: flow.name, flow, updated_at: Date.now() } : now,
      )
      void queries.invalidateQueries({ queryKey: ['flows', botId, 'list'] })
      keepHere()
      setState(editor.flow === flow ? 'saved' : 'unsaved')
    } catch (error) {
      keepHere()
      setState('failed')
      if (error instanceof ApiError && error.code === 'conflict') {
        stopped.current = true
        setTheirs(await queries.fetchQuery({ ...flowQuery(botId, draft.id), staleTime: 0 }).catch(() => null))
      } else {
        again.current = error instanceof ApiError && PASSING.includes(error.code)
        if (!again.current) tellError(error)
      }
    }
  }, [botId, draft.id, editor, queries, keepHere])

  /** Resolves when everything is kept; false when it could not be. */
  const flush = useCallback(async (): Promise<boolean> => {
    clearTimeout(timer.current)
    while (sending.current) await sending.current
    if (stopped.current) return false
    if (editor.flow !== base.current.flow) {
      sending.current = send()
      await sending.current
      sending.current = null
    }
    return editor.flow === base.current.flow
  }, [editor, send])

  useEffect(() => {
    const plan = (ms: number) => {
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void flush(), ms)
    }
    let seen = editor.flow
    // Words that were kept here because they could not be sent.
    if (seen !== base.current.flow) plan(0)
    const end = editor.subscribe(() => {
      if (editor.flow === seen) return
      seen = editor.flow
      if (seen === base.current.flow) return
      setState('unsaved')
      if (!stopped.current) plan(PAUSE_MS)
    })
    const retry = setInterval(() => {
      if (again.current && connection.get().api === 'ok') void flush()
    }, RETRY_MS)
    window.addEventListener('pagehide', keepHere)
    return () => {
      end()
      clearInterval(retry)
      window.removeEventListener('pagehide', keepHere)
      keepHere()
      void flush()
    }
  }, [editor, flush, keepHere])

  // Somebody else's newer draft: shown at once when nothing here would be lost.
  useEffect(() => {
    if (sending.current || stopped.current || draft.revision <= base.current.revision) return
    if (editor.flow !== base.current.flow) {
      stopped.current = true
      setTheirs(draft)
      return
    }
    base.current = { revision: draft.revision, flow: draft.flow }
    setFindings(draft.findings)
    editor.edit(() => draft.flow)
    tell(t('changedElsewhere'))
  }, [draft, editor, t])

  /** Whichever is chosen, the other one is a step back in undo or in the other window. */
  const settle = useCallback(
    (which: 'mine' | 'theirs') => {
      if (!theirs) return
      stopped.current = false
      setTheirs(null)
      if (which === 'theirs') {
        base.current = { revision: theirs.revision, flow: theirs.flow }
        setFindings(theirs.findings)
        editor.edit(() => theirs.flow)
        keepHere()
        setState('saved')
      } else {
        base.current = { revision: theirs.revision, flow: theirs.flow }
        void flush()
      }
    },
    [theirs, editor, flush, keepHere],
  )
  return { state, findings, theirs, settle, flush }
}
