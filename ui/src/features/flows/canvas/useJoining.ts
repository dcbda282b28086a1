// Drawing a way with the pointer: from step to step, anywhere onto a card, or into the open, where a step is asked for.
import type { Connection, OnConnectEnd } from '@xyflow/react'
import { type RefObject, useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '@/components/notice'
import { CARD } from '../model/card'
import { connect, disconnect, type Point } from '../model/editing'
import type { Editor } from '../model/editor'
import { refusal } from '../model/ways'
import type { Edge, Kind } from '../types'
import type { WayEdge } from './drawing'
import type { Instance } from './useControl'
import { stepUnder } from './view'

export function useJoining(
  editor: Editor,
  kinds: ReadonlyMap<string, Kind>,
  canvas: RefObject<Instance | null>,
  onAdd: (at: Point, from: { step: string; branch: string }) => void,
) {
  const { t } = useTranslation('flows')
  const join = useCallback(
    (from: string, branch: string, to: string, old?: Edge) => {
      const no = refusal(editor.flow, kinds, from, branch, to)
      if (no) tell(t(`refusal.${no}`))
      else editor.edit((now) => connect(old ? disconnect(now, [old]) : now, { from, branch, to }))
    },
    [editor, kinds, t],
  )
  const onConnect = useCallback(
    ({ source, sourceHandle, target }: Connection) => join(source, sourceHandle ?? 'next', target),
    [join],
  )
  const onReconnect = useCallback(
    (old: WayEdge, { source, sourceHandle, target }: Connection) =>
      join(source, sourceHandle ?? 'next', target, old.data?.edge),
    [join],
  )
  const onConnectEnd = useCallback<OnConnectEnd>(
    (event, state) => {
      const { fromHandle, fromNode } = state
      if (state.isValid || !fromNode || !fromHandle) return
      const at = 'changedTouches' in event ? event.changedTouches[0] : event
      if (!at || !canvas.current) return
      const onto = stepUnder(at.clientX, at.clientY)
      if (fromHandle.type === 'target') return
      const branch = fromHandle.id ?? 'next'
      if (onto) return onto === fromNode.id ? undefined : join(fromNode.id, branch, onto)
      const { x, y } = canvas.current.screenToFlowPosition({ x: at.clientX, y: at.clientY })
      onAdd({ x, y: y - CARD.head / 2 }, { step: fromNode.id, branch })
    },
    [join, onAdd, canvas],
  )
  return { onConnect, onReconnect, onConnectEnd }
}
