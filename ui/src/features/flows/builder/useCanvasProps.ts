// What the canvas may ask of the builder, as functions that stay the same ones while it is open.
import { useCallback, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { renameGroup } from '../model/editing'
import type { Editor } from '../model/editor'
import { type BuilderDeeds, NOWHERE, type Place } from './useDeeds'

export function useCanvasProps(editor: Editor, deeds: BuilderDeeds, setPlace: (place: Place) => void) {
  const { t } = useTranslation('flows')
  const own = useMemo(
    () => ({
      insertOn: (edge: Place['edge']) => setPlace({ ...NOWHERE, edge }),
      selectGroup: (id: string) =>
        editor.select(editor.flow.steps.filter((one) => one.group === id).map((one) => one.id)),
      renameGroup: (id: string, title: string) => editor.edit((now) => renameGroup(now, id, title)),
      words: { insert: t('insertHere'), emptyNote: t('noteEmpty') },
    }),
    [editor, setPlace, t],
  )
  const onAdd = useCallback((at: Place['at'], from: Place['from']) => setPlace({ at, from, edge: null }), [setPlace])
  const onDropKind = useCallback(
    (kind: string, at: NonNullable<Place['at']>, edge: Place['edge']) => deeds.add(kind, { at, from: null, edge }),
    [deeds],
  )
  return { deeds: own, onAdd, onDropKind }
}
