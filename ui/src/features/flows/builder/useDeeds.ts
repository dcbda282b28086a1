// What can be done with steps, from wherever it is asked: palette, keys, menus, clipboard.
import { type RefObject, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { offerUndo, tell } from '@/components/notice'
import type { CanvasControl } from '../canvas/useControl'
import { around, boxOf, CARD, heightOf } from '../model/card'
import { type Copied, copy, fromText, keep, kept, paste, toText } from '../model/clipboard'
import {
  addStep,
  disconnect,
  edgeId,
  group,
  insertOnEdge,
  moveSteps,
  newStep,
  type Point,
  removeSteps,
  round,
  ungroup,
} from '../model/editing'
import type { Editor } from '../model/editor'
import { arrange, clearOf, freePlace, placeAfter, placeOn } from '../model/layout'
import { freeWay, NOTE, shownWays } from '../model/ways'
import type { Edge, Flow, Kind } from '../types'

export type Place = { at: Point | null; from: { step: string; branch: string } | null; edge: Edge | null }
export const NOWHERE: Place = { at: null, from: null, edge: null }

export function useDeeds(
  editor: Editor,
  kinds: ReadonlyMap<string, Kind>,
  canvas: RefObject<CanvasControl | null>,
  onOpen: (step: string) => void,
) {
  const { t } = useTranslation('flows')
  return useMemo(() => {
    const chosen = () => editor.read().selected
    const middle = () => canvas.current?.middle() ?? { x: 0, y: 0 }

    /** After the chosen step: on its open way, else on the way by which it goes on. */
    const after = (flow: Flow): Place => {
      const only = chosen().size === 1 ? flow.steps.find((step) => chosen().has(step.id)) : undefined
      if (!only) return NOWHERE
      const kind = kinds.get(only.kind)
      const free = freeWay(flow, only, kind)
      if (free) return { ...NOWHERE, from: { step: only.id, branch: free } }
      const [first] = shownWays(only, kind, flow.edges)
      const edge = flow.edges.find((one) => one.from === only.id && one.branch === first?.branch)
      return edge ? { ...NOWHERE, edge } : NOWHERE
    }

    /** Adds a step of this kind: where it was dropped, on a way, after what is chosen, or in the middle. */
    const add = (name: string, wished: Place = NOWHERE) => {
      const kind = kinds.get(name)
      if (!kind) return
      const flow = editor.flow
      const loose = kind.entry || kind.name === NOTE
      const place = loose || wished.at || wished.from || wished.edge ? wished : after(flow)
      const step = newStep(kind, place.at ?? { x: 0, y: 0 })
      const height = heightOf(step, kind, [])
      const { from } = place
      // On a way that leads somewhere already, the step stands between.
      const edge = place.edge ?? flow.edges.find((one) => one.from === from?.step && one.branch === from.branch)
      if (edge && !loose) {
        const room = place.from && place.at ? { at: place.at, moved: new Map() } : placeOn(flow, kinds, edge, height)
        step.position = round(room.at)
        editor.edit((now) => insertOnEdge(moveSteps(now, room.moved), step, edge, kind))
      } else {
        const wish = place.at ?? (from && !loose ? placeAfter(flow, kinds, from.step, height) : middle())
        step.position = round(freePlace(flow, kinds, wish, height))
        editor.edit((now) => addStep(now, step, from && !loose ? from : undefined))
      }
      editor.select([step.id])
      onOpen(step.id)
    }

    const remove = () => {
      const { selected, edge } = editor.read()
      const way = edge ? editor.flow.edges.find((one) => edgeId(one) === edge) : undefined
      if (way) {
        editor.edit((now) => disconnect(now, [way]))
        editor.selectEdge(null)
      } else if (selected.size > 0) {
        const before = editor.flow
        editor.edit((now) => removeSteps(now, selected))
        const after = editor.flow
        editor.select([])
        offerUndo(t('removed', { count: selected.size }), () => {
          if (editor.flow === after) editor.undo()
          else editor.edit(() => before)
        })
      }
    }

    const lay = (copied: Copied, at: Point) => {
      const made = paste(editor.flow, copied, at, kinds)
      editor.edit(() => made.flow)
      editor.select(made.ids)
    }
    const copyText = () => {
      const copied = copy(editor.flow, chosen())
      if (copied.steps.length === 0) return null
      const text = toText(copied)
      keep(text)
      tell(t('copied', { count: copied.steps.length }))
      return text
    }
    /** Steps of this text, or of the clipboard that the windows share. */
    const pasteText = (text: string) => {
      const copied = fromText(text) ?? (text ? null : fromText(kept()))
      if (!copied) return false
      const unknown = copied.steps.filter((step) => !kinds.has(step.kind)).length
      const boxes = copied.steps.map((step) => boxOf(step, kinds.get(step.kind), copied.edges))
      const { width, height } = around(boxes)
      const { x, y } = middle()
      const wish = { x: x + (CARD.width - width) / 2, y: y - height / 2, width, height }
      lay(copied, clearOf(editor.flow, kinds, boxes, wish))
      if (unknown > 0) tell(t('pastedUnknown', { count: unknown }))
      return true
    }
    const duplicate = () => {
      const copied = copy(editor.flow, chosen())
      if (copied.steps.length === 0) return
      const x = Math.min(...copied.steps.map((step) => step.position.x))
      const y = Math.min(...copied.steps.map((step) => step.position.y))
      lay(copied, { x: x + 40, y: y + 60 })
    }
    const frame = () => {
      const ids = chosen()
      if (ids.size === 0) return
      const framed = editor.flow.steps.filter((step) => ids.has(step.id))
      const one = framed[0]?.group
      if (one && framed.every((step) => step.group === one)) editor.edit((now) => ungroup(now, ids))
      else editor.edit((now) => group(now, ids, t('groupNew')))
    }
    const tidy = () => {
      const ids = chosen()
      editor.edit((now) => moveSteps(now, arrange(now, kinds, ids.size > 1 ? ids : undefined)))
      canvas.current?.whole()
    }
    const all = () => editor.select(editor.flow.steps.map((step) => step.id))
    return { add, remove, copyText, pasteText, duplicate, frame, tidy, all }
  }, [editor, kinds, canvas, onOpen, t])
}
export type BuilderDeeds = ReturnType<typeof useDeeds>
