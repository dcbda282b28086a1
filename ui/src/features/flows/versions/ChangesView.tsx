// Two states of a bot side by side: a drawing with both in it, and every change in words.
import { SegmentedControl, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { changesQuery, kindsQuery, versionQuery } from '../api'
import type { Changes, Definition } from '../types'
import { ChangeList } from './ChangeList'
import { isEmpty } from './changes'
import { DiffPicture } from './DiffPicture'
import classes from './Versions.module.css'

/** `from` and `to` are ids of versions, or `draft`. */
export function ChangesView({ botId, from, to }: { botId: string; from: string; to: string }) {
  const { t } = useTranslation('flowtries')
  const changes = useQuery(changesQuery(botId, from, to))
  const before = useQuery(versionQuery(botId, from))
  const after = useQuery(versionQuery(botId, to))
  return (
    <QueryView query={changes} loading={<Loading shape="text" count={8} />}>
      {(data) =>
        isEmpty(data) ? (
          <EmptyState compact picture="done" title={t('changes.none')} />
        ) : (
          <Shown changes={data} before={before.data} after={after.data} />
        )
      }
    </QueryView>
  )
}

function Shown({
  changes,
  before,
  after,
}: {
  changes: Changes
  before: Definition | undefined
  after: Definition | undefined
}) {
  const { t } = useTranslation('flowtries')
  const { data: kinds = [] } = useQuery(kindsQuery)
  const [flowId, setFlow] = useState(changes.flows[0]?.flow ?? '')
  const [step, setStep] = useState<string | null>(null)
  const flow = changes.flows.find((one) => one.flow === flowId) ?? changes.flows[0]
  if (!flow) return null
  const was = before?.flows.find((one) => one.id === flow.flow)
  const is = after?.flows.find((one) => one.id === flow.flow)
  const names = changes.flows.map((one) => ({ value: one.flow, label: one.name }))
  return (
    <div className={classes.compare}>
      {names.length > 1 &&
        (names.length > 4 ? (
          <Select label={t('changes.flow')} data={names} value={flow.flow} onChange={(id) => id && setFlow(id)} />
        ) : (
          <SegmentedControl
            className={classes.flows ?? ''}
            data={names}
            value={flow.flow}
            onChange={setFlow}
            aria-label={t('changes.flow')}
          />
        ))}
      <div className={classes.both}>
        <DiffPicture before={was} after={is} kinds={kinds} chosen={step} onChoose={setStep} />
        <ChangeList flow={flow} before={was} after={is} kinds={kinds} chosen={step} onChoose={setStep} />
      </div>
    </div>
  )
}
