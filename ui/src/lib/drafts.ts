// Words that were typed and not yet sent survive closing, a crash and a second window.
import { useCallback, useEffect, useState } from 'react'

const PREFIX = 'botflow.draft.'

export function readDraft(key: string): string {
  try {
    return localStorage.getItem(PREFIX + key) ?? ''
  } catch {
    return ''
  }
}

export function writeDraft(key: string, text: string) {
  try {
    if (text) localStorage.setItem(PREFIX + key, text)
    else localStorage.removeItem(PREFIX + key)
  } catch {
    // A full or forbidden store: the words stay on screen, only not beyond it.
  }
}

/** Forgets the words wherever they are shown, also in this window. */
export function forgetDraft(key: string) {
  writeDraft(key, '')
  window.dispatchEvent(new StorageEvent('storage', { key: PREFIX + key, newValue: null }))
}

/** Like useState for a text, kept under `key`. Setting it to '' forgets it. */
export function useDraft(key: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => readDraft(key))
  useEffect(() => setText(readDraft(key)), [key])
  useEffect(() => {
    const hear = (event: StorageEvent) => {
      if (event.key === PREFIX + key) setText(event.newValue ?? '')
    }
    window.addEventListener('storage', hear)
    return () => window.removeEventListener('storage', hear)
  }, [key])
  const set = useCallback(
    (next: string) => {
      setText(next)
      writeDraft(key, next)
    },
    [key],
  )
  return [text, set]
}
