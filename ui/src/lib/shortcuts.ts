// Keys of a place: pressed, they act; `?` lists them. Never while somebody types.
import { useEffect, useRef, useSyncExternalStore } from 'react'

export type Shortcut = {
  /** `k`, `?`, `ArrowDown`, `mod+Enter` (Ctrl, or Cmd on a Mac), or two in a row: `g h`. */
  keys: string
  label: string
  run: (event: KeyboardEvent) => void
  /** Also while the caret is in a field (for `mod+…` only). */
  whileTyping?: boolean
  /** Shown with the others, but heard by the place itself or by the browser. */
  listed?: boolean
}
type Group = { title: string; list: Shortcut[] }

const SEQUENCE_MS = 900
let groups: Group[] = []
const listeners = new Set<() => void>()
let first: { key: string; at: number } | null = null

function set(next: Group[]) {
  groups = next
  for (const listener of listeners) listener()
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** How a key press is written in `Shortcut.keys`. */
export function nameOf(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : ''
  return mod + (event.key.length === 1 ? event.key.toLowerCase() : event.key)
}

export function handle(event: KeyboardEvent, now = Date.now()) {
  if (event.defaultPrevented || event.altKey || event.isComposing) return
  const key = nameOf(event)
  const typing = isTyping(event.target)
  const pair = first && now - first.at < SEQUENCE_MS ? `${first.key} ${key}` : null
  first = typing ? null : { key, at: now }
  // Two keys in a row mean themselves before the second one alone means something: `g k` is not `k`.
  for (const wanted of pair ? [pair, key] : [key]) {
    for (const group of [...groups].reverse()) {
      for (const shortcut of group.list) {
        if (shortcut.listed || shortcut.keys !== wanted || (typing && !shortcut.whileTyping)) continue
        event.preventDefault()
        first = null
        shortcut.run(event)
        return
      }
    }
  }
}

if (typeof window !== 'undefined') window.addEventListener('keydown', (event) => handle(event))

/** Registers keys while the component is shown. The list may change on each render. */
export function useShortcuts(title: string, list: Shortcut[]) {
  const latest = useRef(list)
  latest.current = list
  const shape = list.map((s) => `${s.keys}|${s.label}|${s.whileTyping}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape stands for the list, whose functions are read late
  useEffect(() => {
    const group: Group = {
      title,
      list: latest.current.map((shortcut, i) => ({ ...shortcut, run: (event) => latest.current[i]?.run(event) })),
    }
    set([...groups, group])
    return () => set(groups.filter((other) => other !== group))
  }, [title, shape])
}

export function useShortcutGroups(): Group[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => groups,
  )
}
