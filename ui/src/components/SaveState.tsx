// Whether what was changed is kept, in one quiet word.
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './SaveState.module.css'

export type Saving = 'idle' | 'unsaved' | 'saving' | 'saved' | 'failed'

export function SaveState({ state }: { state: Saving }) {
  const { t } = useTranslation()
  const words = { idle: '', unsaved: t('unsaved'), saving: t('saving'), saved: t('saved'), failed: t('saveFailed') }
  return (
    <span className={classes.state} data-state={state} role="status">
      {state === 'saved' && <IconCheck size={16} aria-hidden />}
      {state === 'failed' && <IconAlertTriangle size={16} aria-hidden />}
      {words[state]}
    </span>
  )
}
