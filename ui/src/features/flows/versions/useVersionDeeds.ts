// What can be done with a version; each deed can be undone.
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/client'
import { offerUndo, tell, tellError } from '@/components/notice'
import {
  deleteFlow,
  flowQuery,
  flowsQuery,
  restoreFlow,
  saveFlow,
  useDraftsFromVersion,
  useRestoreVersion,
  useUnschedule,
  versionQuery,
} from '../api'
import type { Definition, Version } from '../types'

export function useVersionDeeds(botId: string) {
  const { t } = useTranslation('flowtries')
  const queries = useQueryClient()
  const restore = useRestoreVersion(botId)
  const drafts = useDraftsFromVersion(botId)
  const unschedule = useUnschedule(botId)
  const [busy, setBusy] = useState(false)

  const guarded = async (deed: () => Promise<unknown>) => {
    setBusy(true)
    try {
      await deed()
    } catch (error) {
      tellError(error)
    } finally {
      setBusy(false)
    }
  }

  /** Publishes what that version holds anew; undone by publishing the one that was live. */
  const bringBack = (version: Version, live: Version | undefined) =>
    guarded(async () => {
      const { number } = await restore.mutateAsync(version.id)
      // What was planned is live now; it need not go live a second time.
      if (!version.published_at && version.publish_at) await unschedule.mutateAsync(version.id)
      const words = t('versions.broughtBack', { number: version.number, as: number })
      if (live) offerUndo(words, () => restore.mutateAsync(live.id))
      else tell(words)
    })

  /** Puts the drafts back as they were, flow by flow. */
  const putBack = async (before: Definition) => {
    const now = await queries.fetchQuery({ ...flowsQuery(botId), staleTime: 0 })
    for (const flow of before.flows) {
      const fresh = { ...flowQuery(botId, flow.id), staleTime: 0, retry: false }
      const draft = await queries.fetchQuery(fresh).catch(async (error: unknown) => {
        if (!(error instanceof ApiError && error.code === 'not_found')) throw error
        await restoreFlow(botId, flow.id)
        return queries.fetchQuery(fresh)
      })
      await saveFlow(botId, flow.id, { revision: draft.revision, flow })
    }
    for (const { id } of now.items) if (!before.flows.some((flow) => flow.id === id)) await deleteFlow(botId, id)
    await queries.invalidateQueries({ queryKey: ['flows'] })
  }

  const intoDraft = (version: Version) =>
    guarded(async () => {
      const before = await queries.fetchQuery({ ...versionQuery(botId, 'draft'), staleTime: 0 })
      await drafts.mutateAsync(version.id)
      offerUndo(t('versions.nowDraft', { number: version.number }), () => putBack(before))
    })

  const callOff = (version: Version) =>
    guarded(async () => {
      await unschedule.mutateAsync(version.id)
      tell(t('versions.calledOff', { number: version.number }))
    })

  return { bringBack, intoDraft, callOff, busy }
}
