// Fields that save themselves a moment after the last key, and say how that went.
import { useCallback, useEffect, useRef, useState } from 'react'
import { fieldErrors } from './errorText'
import type { Saving } from './SaveState'

const PAUSE_MS = 700

/**
 * `stored` is what the program knows; only changed fields are sent. What is being typed is never overwritten by news.
 * A field that fails keeps its words on screen, with the reason.
 */
export function useAutosave<T extends object>(stored: T, save: (change: Partial<T>) => Promise<unknown>) {
  const [changed, setChanged] = useState<Partial<T>>({})
  const [state, setState] = useState<Saving>('idle')
  const [error, setError] = useState<unknown>(null)
  const latest = useRef({ changed, save })
  latest.current = { changed, save }
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const flush = useCallback(async () => {
    clearTimeout(timer.current)
    const sending = latest.current.changed
    if (Object.keys(sending).length === 0) return
    setState('saving')
    try {
      await latest.current.save(sending)
      // What was typed while sending stays changed.
      setChanged((now) => {
        const rest = { ...now }
        for (const key of Object.keys(sending) as (keyof T)[]) if (rest[key] === sending[key]) delete rest[key]
        return rest
      })
      setError(null)
      setState('saved')
    } catch (failure) {
      setError(failure)
      setState('failed')
    }
  }, [])

  const set = useCallback(
    <K extends keyof T>(key: K, value: T[K]) => {
      setChanged((now) => ({ ...now, [key]: value }))
      setState('unsaved')
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void flush(), PAUSE_MS)
    },
    [flush],
  )

  useEffect(
    () => () => {
      // Leaving the page sends what was not sent yet.
      clearTimeout(timer.current)
      if (Object.keys(latest.current.changed).length > 0)
        void latest.current.save(latest.current.changed).catch(() => {})
    },
    [],
  )

  return { values: { ...stored, ...changed } as T, set, flush, state, error, fields: fieldErrors(error) }
}
