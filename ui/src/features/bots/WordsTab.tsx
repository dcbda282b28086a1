// What the bot says in fixed places; saved a moment after the last key.
import { Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { put } from '@/api/client'
import type { Bot } from '@/api/types'
import { errorText } from '@/components/errorText'
import { SaveState } from '@/components/SaveState'
import { Loading, QueryView } from '@/components/States'
import { useAutosave } from '@/components/useAutosave'
import classes from './Bots.module.css'
import { textsQuery } from './queries'
import { TEXT_KEYS, type Texts } from './types'

const HINTS = ['unknown', 'unsupported']

export function WordsTab({ bot }: { bot: Bot }) {
  const query = useQuery(textsQuery(bot.id))
  return (
    <QueryView query={query} loading={<Loading shape="form" count={5} />}>
      {(texts) => <Form key={bot.id} id={bot.id} texts={texts} />}
    </QueryView>
  )
}

function Form({ id, texts }: { id: string; texts: Texts }) {
  const { t } = useTranslation('bots')
  const queries = useQueryClient()
  const { values, set, flush, state, error, fields } = useAutosave<Texts>(texts, async (change) => {
    // The program keeps all of them together; what another window changed meanwhile stays.
    const now = queries.getQueryData(textsQuery(id).queryKey) ?? texts
    const saved = await put<Texts>(`/bots/${id}/texts`, { ...now, ...change })
    queries.setQueryData(textsQuery(id).queryKey, saved ?? { ...now, ...change })
    void queries.invalidateQueries({ queryKey: ['flows', id] })
  })
  const keys = TEXT_KEYS.filter((key) => key in texts)
  return (
    <div className={classes.form}>
      <div className={classes.wordsHead}>
        <p className={classes.quiet}>{t('wordsLead')}</p>
        <SaveState state={state} />
      </div>
      {keys.map((key) => (
        <Textarea
          key={key}
          label={t(`text.${key}`)}
          {...(HINTS.includes(key) ? { description: t(`textHint.${key}`) } : {})}
          value={values[key] ?? ''}
          onChange={(event) => set(key, event.currentTarget.value)}
          onBlur={() => void flush()}
          error={fields[key]}
          maxLength={1000}
          maxRows={8}
          dir="auto"
        />
      ))}
      {state === 'failed' && (
        <p className={classes.error} role="alert">
          {errorText(error)}
        </p>
      )}
    </div>
  )
}
