// The answer services in the order in which they are tried; dragged or moved by arrows.
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AnswerSettings, Provider } from '@/api/types'
import { offerUndo } from '@/components/notice'
import { Panel } from '@/components/Panel'
import classes from '../Settings.module.css'
import { ProviderForm } from './ProviderForm'
import { ProviderRow } from './ProviderRow'
import { moved, useSaveAnswers } from './useAnswerSettings'

export function ProvidersPanel({ settings }: { settings: AnswerSettings }) {
  const { t } = useTranslation('settings')
  const save = useSaveAnswers()
  const [editing, setEditing] = useState<Provider | 'new' | null>(null)
  const [dragged, setDragged] = useState<number | null>(null)
  const { providers } = settings
  const put = (next: Provider[], keys?: Record<string, string>) =>
    save.mutateAsync({ settings: { ...settings, providers: next }, ...(keys ? { keys } : {}) })
  const move = (from: number, to: number) => void put(moved(providers, from, to)).catch(() => {})
  const remove = async (provider: Provider) => {
    await put(providers.filter((other) => other.id !== provider.id)).catch(() => {})
    // The key cannot come back: it was never shown to us. The service returns without it.
    offerUndo(t('answers.removed', { name: provider.name }), () => put(providers))
  }
  return (
    <Panel
      title={t('answers.writersTitle')}
      lead={t('answers.writersLead')}
      flush={providers.length > 0}
      actions={
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
          {t('answers.addWriter')}
        </Button>
      }
    >
      {providers.length === 0 && <p className={classes.note}>{t('answers.writersNone')}</p>}
      {providers.map((provider, i) => (
        <ProviderRow
          key={provider.id}
          provider={provider}
          index={i}
          count={providers.length}
          move={move}
          dragged={dragged}
          setDragged={setDragged}
          toggle={(enabled) =>
            void put(providers.map((other) => (other.id === provider.id ? { ...other, enabled } : other))).catch(
              () => {},
            )
          }
          edit={() => setEditing(provider)}
          remove={() => void remove(provider)}
        />
      ))}
      {editing && (
        <ProviderForm
          provider={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          save={async (provider, key) => {
            const known = providers.some((other) => other.id === provider.id)
            await put(
              known
                ? providers.map((other) => (other.id === provider.id ? provider : other))
                : [...providers, provider],
              key ? { [provider.id]: key } : undefined,
            )
          }}
        />
      )}
    </Panel>
  )
}
