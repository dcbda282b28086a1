// How long the files that customers sent are kept.
import { NumberInput } from '@mantine/core'
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { get, put } from '@/api/client'
import type { MediaSettings } from '@/api/types'
import { errorText } from '@/components/errorText'
import { SaveState } from '@/components/SaveState'
import { Loading, QueryView } from '@/components/States'
import { useAutosave } from '@/components/useAutosave'
import classes from '../Settings.module.css'

const LEAST = 7
const MOST = 3_650

const mediaSettingsQuery = queryOptions({
  queryKey: ['settings', 'media'],
  queryFn: ({ signal }) => get<MediaSettings>('/settings/media', undefined, signal),
})

export function KeepFiles() {
  const query = useQuery(mediaSettingsQuery)
  return (
    <QueryView query={query} loading={<Loading shape="form" count={1} />}>
      {(stored) => <Field stored={stored} />}
    </QueryView>
  )
}

function Field({ stored }: { stored: MediaSettings }) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const { set, flush, state, error, fields } = useAutosave<MediaSettings>(stored, async (change) => {
    queries.setQueryData(
      mediaSettingsQuery.queryKey,
      await put<MediaSettings>('/settings/media', { ...stored, ...change }),
    )
  })
  const [typed, setTyped] = useState<number | string>(stored.keep_days)
  const fits = typeof typed === 'number' && Number.isInteger(typed) && typed >= LEAST && typed <= MOST
  return (
    <div className={classes.inline}>
      <NumberInput
        label={t('about.keep')}
        description={t('about.keepHint')}
        value={typed}
        onChange={(value) => {
          setTyped(value)
          if (typeof value === 'number' && Number.isInteger(value) && value >= LEAST && value <= MOST)
            set('keep_days', value)
        }}
        onBlur={() => void flush()}
        error={fits ? (fields.keep_days ?? (state === 'failed' ? errorText(error) : undefined)) : t('about.keepRange')}
        min={LEAST}
        max={MOST}
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        hideControls
        styles={{ wrapper: { maxInlineSize: 120 } }}
      />
      <SaveState state={state} />
    </div>
  )
}
