// Where a talk is: it may lead through other flows of the bot than the one that is open.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { versionQuery } from '../api'
import type { Flow, Step } from '../types'

export type Places = {
  /** Of the flow that is open, else of any other. */
  stepOf: (id: string, flow?: string) => Step | undefined
  /** What a flow that is not open is called. */
  otherName: (flow: string) => string
  flows: Flow[]
}

export function placesIn(open: Flow, drafts: Flow[]): Places {
  const flows = [open, ...drafts.filter((one) => one.id !== open.id)]
  const find = (flow: Flow, id: string) => flow.steps.find((step) => step.id === id)
  return {
    flows,
    stepOf: (id, flow) => {
      if (!id) return undefined
      for (const one of flows) {
        const step = flow === undefined || one.id === flow ? find(one, id) : undefined
        if (step) return step
      }
      return undefined
    },
    otherName: (flow) => (flow === open.id ? '' : (flows.find((one) => one.id === flow)?.name ?? '')),
  }
}

export function usePlaces(botId: string, open: Flow): Places {
  const { data } = useQuery(versionQuery(botId, 'draft'))
  return useMemo(() => placesIn(open, data?.flows ?? []), [open, data])
}
