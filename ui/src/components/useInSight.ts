// In a row that is wider than the screen, the open one comes into sight.
import { useEffect, useRef } from 'react'

/** The ref belongs to the row; `open` is whatever changes with the open one. */
export function useInSight<T extends HTMLElement>(open: string) {
  const row = useRef<T>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each that is opened
  useEffect(() => {
    const here = row.current?.querySelector('[data-active], [data-status="active"]')
    here?.scrollIntoView?.({ inline: 'center', block: 'nearest' })
  }, [open])
  return row
}
