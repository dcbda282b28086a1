// Flows that were deleted; they come back for thirty days.
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell, tellError } from '@/components/notice'
import { Panel, Row } from '@/components/Panel'
import { useFormat } from '@/components/useFormat'
import { flowsQuery, restoreFlow } from '../api'
import type { FlowSummary } from '../types'
import classes from './Flows.module.css'

const KEPT_MS = 30 * 86_400_000

export function Deleted({ botId }: { botId: string }) {
  const { t } = useTranslation('flows')
  const format = useFormat()
  const queries = useQueryClient()
  const [open, setOpen] = useState(false)
  const { data } = useQuery(flowsQuery(botId, true))
  if (!data || data.items.length === 0) return null
  const bringBack = async (flow: FlowSummary) => {
    try {
      await restoreFlow(botId, flow.id)
      tell(t('restored', { name: flow.name }))
    } catch (error) {
      tellError(error)
    } finally {
      void queries.invalidateQueries({ queryKey: ['flows', botId] })
    }
  }
  return (
    <section className={classes.deleted}>
      <Button variant="subtle" size="compact-sm" className="flush" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t('deletedFlows', { count: data.items.length })}
      </Button>
      {open && (
        <Panel flush>
          {data.items.map((flow) => (
            <Row
              key={flow.id}
              title={<bdi>{flow.name}</bdi>}
              text={t('deletedUntil', { day: format.day((flow.deleted_at ?? Date.now()) + KEPT_MS) })}
              end={
                <Button variant="default" size="compact-md" onClick={() => void bringBack(flow)}>
                  {t('restore')}
                </Button>
              }
            />
          ))}
        </Panel>
      )}
    </section>
  )
}
