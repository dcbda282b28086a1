// The keys of the builder: those with Ctrl or Cmd everywhere in it, the plain ones on the canvas.
import type { RefObject } from 'react'
import { useCallback, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useShortcuts } from '@/lib/shortcuts'
import type { CanvasControl } from '../canvas/useControl'
import type { Editor } from '../model/editor'
import type { BuilderDeeds } from './useDeeds'

type Keys = {
  editor: Editor
  deeds: BuilderDeeds
  canvas: RefObject<CanvasControl | null>
  search: RefObject<HTMLInputElement | null>
  asList: boolean
  add: () => void
  join: () => void
  find: () => void
  tryOut: () => void
  save: () => void
  escape: () => void
}

export function useBuilderKeys(keys: Keys) {
  const { t } = useTranslation('flows')
  const latest = useRef(keys)
  latest.current = keys
  const { editor, deeds } = keys
  const shown = { run: () => {}, listed: true }
  useShortcuts(t('place'), [
    {
      keys: 'mod+z',
      label: t('keys.undo'),
      run: (event) => (event.shiftKey ? editor.redo() : editor.undo()),
    },
    { keys: 'mod+y', label: t('redo'), run: () => editor.redo() },
    { keys: 'mod+f', label: t('find'), run: keys.find, whileTyping: true },
    { keys: 'mod+s', label: t('keys.save'), run: keys.save, whileTyping: true },
    ...(keys.asList
      ? []
      : [
          { keys: 'mod+a', label: t('keys.all'), run: deeds.all },
          { keys: 'mod+d', label: t('keys.duplicate'), run: deeds.duplicate },
          { keys: 'mod+c', label: t('copySteps'), ...shown },
          { keys: 'mod+x', label: t('keys.cut'), ...shown },
          { keys: 'mod+v', label: t('pasteSteps'), ...shown },
        ]),
  ])
  useShortcuts(
    t('keys.canvas'),
    keys.asList
      ? []
      : [
          { keys: 'ArrowRight', label: t('keys.walk'), ...shown },
          { keys: 'Shift+ArrowRight', label: t('keys.move'), ...shown },
          { keys: 'Enter', label: t('keys.open'), ...shown },
          { keys: 'n', label: t('keys.add'), ...shown },
          { keys: '/', label: t('paletteSearch'), ...shown },
          { keys: 'w', label: t('connectTitle'), ...shown },
          { keys: 'f', label: t('keys.group'), ...shown },
          { keys: 'l', label: t('arrange'), ...shown },
          { keys: 't', label: t('try'), ...shown },
          { keys: 'Delete', label: t('deleteSteps'), ...shown },
          { keys: '0', label: t('keys.whole'), ...shown },
        ],
  )
  return useCallback((key: string) => {
    const now = latest.current
    const { canvas } = now
    const deedOf: Record<string, () => void> = {
      Delete: now.deeds.remove,
      Backspace: now.deeds.remove,
      Escape: now.escape,
      n: now.add,
      w: now.join,
      f: now.deeds.frame,
      l: now.deeds.tidy,
      t: now.tryOut,
      '/': () => (now.search.current?.offsetParent ? now.search.current.focus() : now.add()),
      '+': () => canvas.current?.zoom(1.25),
      '=': () => canvas.current?.zoom(1.25),
      '-': () => canvas.current?.zoom(0.8),
      '0': () => canvas.current?.whole(),
      show: () => canvas.current?.show([...now.editor.read().selected]),
    }
    deedOf[key]?.()
  }, [])
}
