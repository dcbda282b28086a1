// The chat on the website: the line to copy, who may show it, how it looks, and the real thing beside it.
import { Button, ColorInput, Input, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBusiness } from '@/api/queries'
import type { Channel, WebchatSettings } from '@/api/types'
import { useChannelPatch } from '@/components/channels/useChannelPatch'
import { WebchatEmbed } from '@/components/channels/WebchatEmbed'
import { WebchatPreview } from '@/components/channels/WebchatPreview'
import { errorText } from '@/components/errorText'
import { Panel } from '@/components/Panel'
import { SaveState } from '@/components/SaveState'
import { useAutosave } from '@/components/useAutosave'
import { brand } from '@/lib/brand'
import { badOrigin, splitOrigins } from '@/lib/origins'
import classes from '../Settings.module.css'

type Fields = Pick<WebchatSettings, 'title' | 'greeting' | 'accent' | 'position' | 'allowed_origins'>

export function WebchatPanels({ channel, webchat }: { channel: Channel; webchat: WebchatSettings }) {
  const { t } = useTranslation('channels')
  const patchChannel = useChannelPatch(channel.id)
  const { data: business } = useBusiness()
  const [shown, setShown] = useState(0)
  const { title, greeting, accent, position, allowed_origins } = webchat
  const { values, set, state, error, fields } = useAutosave<Fields>(
    { title, greeting, accent, position, allowed_origins },
    async (change) => {
      await patchChannel(change)
      setShown((n) => n + 1)
    },
  )
  const [origins, setOrigins] = useState(allowed_origins.join('\n'))
  const bad = badOrigin(splitOrigins(origins))
  const shownAccent = values.accent ?? business?.accent ?? brand.accent ?? '#0b7a5c'
  return (
    <div className={classes.split}>
      <div>
        <Panel title={t('settings:channels.connect')}>
          <div className={classes.stack}>
            <WebchatEmbed code={webchat.embed_code} />
            <Textarea
              label={t('origins')}
              description={t('originsHint')}
              value={origins}
              onChange={(event) => {
                const text = event.currentTarget.value
                setOrigins(text)
                const list = splitOrigins(text)
                if (!badOrigin(list)) set('allowed_origins', list)
              }}
              error={bad ? t('originsBad', { origin: bad }) : fields.allowed_origins}
              dir="ltr"
              spellCheck={false}
            />
          </div>
        </Panel>
        <Panel title={t('settings:channels.lookTitle')} actions={<SaveState state={state} />}>
          <div className={classes.stack}>
            <TextInput
              label={t('title')}
              value={values.title}
              placeholder={business?.name ?? ''}
              onChange={(event) => set('title', event.currentTarget.value)}
              error={fields.title}
              maxLength={60}
            />
            <Textarea
              label={t('greeting')}
              value={values.greeting}
              placeholder={t('greetingExample')}
              onChange={(event) => set('greeting', event.currentTarget.value)}
              error={fields.greeting}
              maxLength={500}
            />
            <div className={classes.inline}>
              <ColorInput
                size="md"
                label={t('accent')}
                value={shownAccent}
                format="hex"
                withEyeDropper={false}
                onChangeEnd={(value) => value && value !== shownAccent && set('accent', value)}
                error={fields.accent}
              />
              {values.accent && (
                <Button variant="subtle" color="gray" mt={29} onClick={() => set('accent', null)}>
                  {t('accentReset')}
                </Button>
              )}
            </div>
            <Input.Wrapper size="md" label={t('position')} labelElement="div">
              <SegmentedControl
                display="flex"
                w="fit-content"
                aria-label={t('position')}
                value={values.position}
                onChange={(value) => set('position', value as 'left' | 'right')}
                data={[
                  { value: 'left', label: t('positionLeft') },
                  { value: 'right', label: t('positionRight') },
                ]}
              />
            </Input.Wrapper>
            {state === 'failed' && (
              <p className={classes.note} role="alert">
                <strong>{errorText(error)}</strong>
              </p>
            )}
          </div>
        </Panel>
      </div>
      <WebchatPreview url={webchat.preview_url} version={shown} />
    </div>
  )
}
