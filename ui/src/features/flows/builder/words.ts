// How steps and ways are called on the canvas: one object until the language changes.
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Words } from '../canvas/drawing'
import { faceOf, titleOf } from '../steps'
import type { Words as Translate } from '../steps/face'

export function useWords(): Words {
  const { t } = useTranslation('flows')
  return useMemo(() => {
    const translate = t as unknown as Translate
    return {
      titleOf,
      faceOf: (step, kind) => faceOf(step, kind, translate),
      wayTitle: (way) => way.title || (way.branch === 'failed' ? t('failedWay') : t('nextWay')),
    }
  }, [t])
}
