// What the bot is called and does, and how long it waits for the rest of a thought.
import { Button, Input, Slider, Textarea, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Bot } from '@/api/types'
import { errorText } from '@/components/errorText'
import { Panel } from '@/components/Panel'
import { SaveState } from '@/components/SaveState'
import { useAutosave } from '@/components/useAutosave'
import { useFormat } from '@/components/useFormat'
import classes from './Bots.module.css'
import { useBotDeeds } from './useBotDeeds'

const MOST_MS = 10_000

type Values = Pick<Bot, 'name' | 'description' | 'debounce_ms'>

export function SettingsTab({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots')
  const format = useFormat()
  const navigate = useNavigate()
  const { change, discard } = useBotDeeds()
  const { values, set, flush, state, error, fields } = useAutosave<Values>(
    { name: bot.name, description: bot.description, debounce_ms: bot.debounce_ms },
    (part) => {
      // An empty name is not sent; the field says what it needs.
      const { name, ...rest } = part
      return change(bot.id, name?.trim() ? { ...rest, name: name.trim() } : rest)
    },
  )
  const seconds = (ms: number) => (ms === 0 ? t('burstNow') : t('burstSeconds', { seconds: format.number(ms / 1000) }))
  return (
    <>
      <Panel title={t('settingsTitle')} actions={<SaveState state={state} />}>
        <div className={classes.form}>
          <TextInput
            label={t('name')}
            description={t('nameHint')}
            maxLength={80}
            value={values.name}
            onChange={(event) => set('name', event.currentTarget.value)}
            onBlur={() => void flush()}
            error={values.name.trim() ? fields.name : t('nameNeeded')}
          />
          <Textarea
            label={t('description')}
            description={t('descriptionHint')}
            maxLength={500}
            value={values.description}
            onChange={(event) => set('description', event.currentTarget.value)}
            onBlur={() => void flush()}
            error={fields.description}
          />
          <Input.Wrapper
            size="md"
            label={`${t('burst')}: ${seconds(values.debounce_ms)}`}
            description={t('burstHint')}
            error={fields.debounce_ms}
            labelElement="div"
          >
            <div className={classes.slider}>
              <Slider
                mt="md"
                min={0}
                max={MOST_MS}
                step={500}
                value={values.debounce_ms}
                onChange={(value) => set('debounce_ms', value)}
                label={seconds}
                thumbLabel={t('burst')}
                marks={[0, 2_500, 5_000, 7_500, 10_000].map((value) => ({
                  value,
                  label: value === 0 ? '0' : seconds(value),
                }))}
              />
            </div>
          </Input.Wrapper>
          {state === 'failed' && (
            <p className={classes.error} role="alert">
              {errorText(error)}
            </p>
          )}
        </div>
      </Panel>
      <Panel title={t('danger')}>
        <div className={classes.danger}>
          <p className={classes.quiet}>{t('dangerText')}</p>
          <Button
            variant="light"
            color="danger"
            onClick={() => void discard(bot, () => void navigate({ to: '/bots' as '/' }))}
          >
            {t('remove')}
          </Button>
        </div>
      </Panel>
    </>
  )
}
