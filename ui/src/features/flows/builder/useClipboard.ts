// Copy, cut and paste as the browser itself does them, so that steps travel to other windows and computers.
import { useEffect } from 'react'
import { isTyping } from '@/lib/shortcuts'
import type { BuilderDeeds } from './useDeeds'

export function useClipboard(deeds: BuilderDeeds) {
  useEffect(() => {
    const elsewhere = (event: ClipboardEvent) =>
      event.defaultPrevented || isTyping(event.target) || document.querySelector('[role="dialog"]') !== null
    const copy = (event: ClipboardEvent) => {
      // Words that somebody marked are meant, not steps.
      if (elsewhere(event) || !(document.getSelection()?.isCollapsed ?? true)) return
      const text = deeds.copyText()
      if (!text) return
      event.clipboardData?.setData('text/plain', text)
      event.preventDefault()
      if (event.type === 'cut') deeds.remove()
    }
    const paste = (event: ClipboardEvent) => {
      if (elsewhere(event)) return
      if (deeds.pasteText(event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault()
    }
    document.addEventListener('copy', copy)
    document.addEventListener('cut', copy)
    document.addEventListener('paste', paste)
    return () => {
      document.removeEventListener('copy', copy)
      document.removeEventListener('cut', copy)
      document.removeEventListener('paste', paste)
    }
  }, [deeds])
}
