// What React Flow reports: choosing goes to the editor at once, moving only when the pointer lets go.
import type { EdgeChange, NodeChange } from '@xyflow/react'
import { useCallback, useRef } from 'react'
import { moveSteps, type Point } from '../model/editing'
import type { Editor } from '../model/editor'
import { type CanvasNode, groupOf, type WayEdge } from './drawing'

type Places = ReadonlyMap<string, Point> | null

export function useChanges(editor: Editor, dragged: Places, setDragged: (places: Places) => void, nodes: CanvasNode[]) {
  const latest = useRef({ dragged, nodes })
  latest.current.nodes = nodes
  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      let chosen: Set<string> | null = null
      let moved: Map<string, Point> | null = null
      let done = false
      for (const change of changes) {
        if (change.type === 'select' && !groupOf(change.id)) {
          chosen ??= new Set(editor.read().selected)
          if (change.selected) chosen.add(change.id)
          else chosen.delete(change.id)
        }
        if (change.type !== 'position') continue
        if (change.dragging === false) done = true
        if (!change.position) continue
        moved ??= new Map(latest.current.dragged)
        const group = groupOf(change.id)
        if (!group) moved.set(change.id, change.position)
        else {
          const old = latest.current.nodes.find((node) => node.id === change.id)?.position ?? change.position
          const by = { x: change.position.x - old.x, y: change.position.y - old.y }
          for (const step of editor.flow.steps) {
            if (step.group !== group) continue
            const at = moved.get(step.id) ?? step.position
            moved.set(step.id, { x: at.x + by.x, y: at.y + by.y })
          }
        }
      }
      if (chosen) editor.select(chosen)
      if (moved) latest.current.dragged = moved
      if (done) {
        const places = latest.current.dragged
        latest.current.dragged = null
        if (places) editor.edit((now) => moveSteps(now, places))
        setDragged(null)
      } else if (moved) setDragged(moved)
    },
    [editor, setDragged],
  )
  const onEdgesChange = useCallback(
    (changes: EdgeChange<WayEdge>[]) => {
      for (const change of changes) {
        if (change.type !== 'select') continue
        if (change.selected) editor.selectEdge(change.id)
        else if (editor.read().edge === change.id) editor.selectEdge(null)
      }
    },
    [editor],
  )
  return { onNodesChange, onEdgesChange }
}
