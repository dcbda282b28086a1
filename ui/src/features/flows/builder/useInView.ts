// Keeps in sight what is worked on: the step that an address names, and the one whose settings have just opened.
import { type RefObject, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { CanvasControl } from '../canvas/useControl'
import type { Editor } from '../model/editor'

const CANVAS_MS = 400
const PANEL_MS = 60

export function useInView(
  canvas: RefObject<CanvasControl | null>,
  editor: Editor,
  shown: string | undefined,
  first: string | undefined,
  open: (step: string) => void,
) {
  useEffect(() => {
    if (!first || !editor.flow.steps.some((step) => step.id === first)) return
    open(first)
    // The canvas comes a moment later.
    const timer = setTimeout(() => canvas.current?.show([first]), CANVAS_MS)
    return () => clearTimeout(timer)
  }, [canvas, first, editor, open])
  useEffect(() => {
    if (!shown) return
    // The settings take a part of the canvas; what they belong to stays in sight.
    const timer = setTimeout(() => canvas.current?.reveal(shown), PANEL_MS)
    return () => clearTimeout(timer)
  }, [canvas, shown])
}

export function useTitle(name: string) {
  const { t } = useTranslation()
  useEffect(() => {
    document.title = `${name} · ${t('product')}`
  }, [name, t])
}

/** To the first thing of the settings that can be filled in. */
export function focusPanel(body: HTMLElement | null) {
  const panel = body?.querySelector('[data-panel]')
  panel?.querySelector<HTMLElement>('textarea, input:not([type="hidden"]), [contenteditable="true"]')?.focus()
}
