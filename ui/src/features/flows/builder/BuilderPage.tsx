// Opens a flow in the builder: its draft, the kinds of steps, and words that were kept on this device.
import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Page, PageHeader } from '@/components/Page'
import { ErrorState, Loading } from '@/components/States'
import { readDraft, writeDraft } from '@/lib/drafts'
import { flowQuery, kindsQuery } from '../api'
import { moveSteps } from '../model/editing'
import { Editor } from '../model/editor'
import { arrange, covered, downwards } from '../model/layout'
import type { Flow, FlowDraft, Kind } from '../types'
import { Builder } from './Builder'
import classes from './Builder.module.css'
import type { Side } from './Toolbar'
import { draftKey } from './useSaving'

export function BuilderPage() {
  const { t } = useTranslation('flows')
  const { botId = '', flowId = '' } = useParams({ strict: false }) as { botId?: string; flowId?: string }
  const { step, side } = useSearch({ strict: false }) as { step?: string; side?: Side }
  const kinds = useQuery(kindsQuery)
  const draft = useQuery(flowQuery(botId, flowId))
  const failed = [kinds, draft].find((query) => query.isError && !query.data)
  if (failed)
    return (
      <Page>
        <PageHeader title={t('place')} back={{ to: `/bots/${botId}`, label: t('allFlows') }} />
        <ErrorState error={failed.error} retry={() => void failed.refetch()} />
      </Page>
    )
  if (!kinds.data || !draft.data)
    return (
      <div className={classes.waiting}>
        <Loading shape="cards" count={3} />
      </div>
    )
  return (
    <Opened
      key={flowId}
      botId={botId}
      draft={draft.data}
      kinds={kinds.data}
      {...(step ? { step } : {})}
      {...(side ? { side } : {})}
    />
  )
}

function Opened(props: { botId: string; draft: FlowDraft; kinds: Kind[]; step?: string; side?: Side }) {
  const [{ editor, begun }] = useState(() => {
    const kinds = new Map(props.kinds.map((kind) => [kind.name, kind]))
    const { flow, revision } = props.draft
    // A flow that no person has laid out yet is laid out for looking; it is kept with the first change.
    const untouched = covered(flow, kinds) || (revision <= 1 && downwards(flow))
    const begun = untouched ? moveSteps(flow, arrange(flow, kinds)) : flow
    const editor = new Editor(begun)
    const kept = readKept(props.draft)
    if (kept) editor.edit(() => kept)
    return { editor, begun }
  })
  return <Builder {...props} editor={editor} begun={begun} />
}

/** What could not be sent before the window was closed, if the program still has what it was made from. */
function readKept({ id, revision }: FlowDraft): Flow | null {
  const text = readDraft(draftKey(id))
  if (!text) return null
  try {
    const kept = JSON.parse(text) as { revision: number; flow: Flow }
    if (kept.revision === revision && Array.isArray(kept.flow?.steps) && Array.isArray(kept.flow.edges))
      return kept.flow
  } catch {
    // Not ours.
  }
  writeDraft(draftKey(id), '')
  return null
}
