// What holds for all flows of a bot: words that always work, and limits that stop a flow that runs away.
import { Button, Modal, NumberInput, TagsInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { useSaveSettings } from '../api'
import type { Settings } from '../types'
import classes from './Flows.module.css'

const WORDS = ['human_words', 'restart_words', 'back_words', 'stop_words'] as const
const LIMITS = { steps: 10_000, messages: 1_000, hours: 8_760, cents: 100_000 } as const

export function FlowSettings({
  botId,
  settings,
  onClose,
}: {
  botId: string
  /** Null keeps it closed. */
  settings: Settings | null
  onClose: () => void
}) {
  const { t } = useTranslation('flows')
  return (
    <Modal opened={settings !== null} onClose={onClose} title={t('settings')} size={560}>
      {settings && <Form botId={botId} settings={settings} onClose={onClose} />}
    </Modal>
  )
}

function Form({ botId, settings, onClose }: { botId: string; settings: Settings; onClose: () => void }) {
  const { t } = useTranslation('flows')
  const [now, setNow] = useState(settings)
  const save = useSaveSettings(botId)
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(now, { onSuccess: onClose })
      }}
    >
      {WORDS.map((name) => (
        <TagsInput
          key={name}
          size="md"
          label={t(`settingsWords.${name}`)}
          description={t(`settingsHints.${name}`)}
          value={now[name]}
          onChange={(words) => setNow({ ...now, [name]: words })}
          maxTags={200}
          clearable={false}
          acceptValueOnBlur
        />
      ))}
      <h3 className={classes.startsTitle}>{t('limits')}</h3>
      <p className={classes.quiet}>{t('limitsHint')}</p>
      <div className={classes.limits}>
        {(Object.keys(LIMITS) as (keyof typeof LIMITS)[]).map((name) => (
          <NumberInput
            key={name}
            label={t(`limit.${name}`)}
            min={1}
            max={LIMITS[name]}
            allowDecimal={false}
            value={now.limits[name]}
            onChange={(value) =>
              typeof value === 'number' && setNow({ ...now, limits: { ...now.limits, [name]: value } })
            }
          />
        ))}
      </div>
      {save.isError && (
        <p className={classes.error} role="alert">
          {errorText(save.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={save.isPending}>
          {t('common:save')}
        </Button>
      </div>
    </form>
  )
}
