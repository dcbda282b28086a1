// What goes out on WhatsApp when 24 hours have passed since the customer wrote.
import { Switch, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Channel, FallbackTemplate } from '@/api/types'
import { useChannelPatch } from '@/components/channels/useChannelPatch'
import { errorText } from '@/components/errorText'
import { Panel } from '@/components/Panel'
import { SaveState } from '@/components/SaveState'
import { useAutosave } from '@/components/useAutosave'
import classes from '../Settings.module.css'

type Fields = Pick<FallbackTemplate, 'name' | 'language' | 'with_text'>

/** WhatsApp's own spelling, so that what was copied with spaces or capitals is right. */
const spelled = (name: string) => name.toLowerCase().replace(/[\s-]+/g, '_')

export function TemplatePanel({ channel, stored }: { channel: Channel; stored: FallbackTemplate | null }) {
  const { t } = useTranslation('settings')
  const patchChannel = useChannelPatch(channel.id)
  const known: Required<Fields> = {
    name: stored?.name ?? '',
    language: stored?.language ?? '',
    with_text: stored?.with_text ?? false,
  }
  // The three belong together and are sent together.
  const { values, set, state, error, fields } = useAutosave<Required<Fields>>(known, (change) =>
    patchChannel({ fallback_template: { ...known, ...change } }),
  )
  const none = values.name === ''
  // The program names a pattern; here stands what it means.
  const bad = (field: 'name' | 'language') =>
    fields[`fallback_template.${field}`] && t(field === 'name' ? 'channels.afterNameBad' : 'channels.afterLanguageBad')
  const elsewhere = state === 'failed' && !bad('name') && !bad('language')
  return (
    <Panel
      id="after-24-hours"
      title={t('channels.afterTitle')}
      lead={t('channels.afterLead')}
      actions={<SaveState state={state} />}
    >
      <div className={classes.stack}>
        <TextInput
          label={t('channels.afterName')}
          description={t('channels.afterNameHint')}
          value={values.name}
          onChange={(event) => set('name', spelled(event.currentTarget.value))}
          error={bad('name') ?? (elsewhere ? errorText(error) : state === 'idle' ? stored?.problem : undefined)}
          maxLength={512}
          dir="ltr"
          spellCheck={false}
          autoCapitalize="none"
        />
        <TextInput
          label={t('channels.afterLanguage')}
          description={t('channels.afterLanguageHint')}
          value={values.language}
          onChange={(event) => set('language', event.currentTarget.value.trim())}
          error={bad('language')}
          disabled={none}
          maxLength={8}
          dir="ltr"
          spellCheck={false}
          autoCapitalize="none"
        />
        <Switch
          label={t('channels.afterWords')}
          description={t('channels.afterWordsHint')}
          checked={values.with_text}
          onChange={(event) => set('with_text', event.currentTarget.checked)}
          disabled={none}
        />
      </div>
    </Panel>
  )
}
