// Step 2: drop what customers ask about, or start with the sample business.
import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import { sourcesQuery } from '@/api/queries'
import type { Business, Source } from '@/api/types'
import { errorText } from '@/components/errorText'
import { tellError } from '@/components/notice'
import { SourceDrop } from '@/components/sources/SourceDrop'
import { SourceProgress } from '@/components/sources/SourceProgress'
import { isWorking } from '@/components/sources/sourceState'
import classes from './Start.module.css'
import { StepFrame } from './StepFrame'

export function KnowledgeStep({
  business,
  next,
  back,
}: {
  business: Business
  next: () => void
  back: (() => void) | undefined
}) {
  const { t } = useTranslation('start')
  const queries = useQueryClient()
  const sources = useQuery({
    ...sourcesQuery,
    refetchInterval: (query) => (query.state.data?.items.some(isWorking) ? 3_000 : false),
  })
  const items = sources.data?.items ?? []
  const sample = useMutation({
    mutationFn: () => post('/sample'),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellError,
  })
  return (
    <StepFrame
      title={t('knowledge.title')}
      lead={t('knowledge.lead')}
      next={next}
      back={back}
      quiet={items.length === 0}
      nextLabel={t(items.length === 0 ? 'skip' : 'next')}
    >
      <SourceDrop compact={items.length > 0} />
      <WebAddress />
      {items.length > 0 && (
        <section>
          <h2 className={classes.subtitle}>{t('knowledge.yours')}</h2>
          {items.slice(0, 12).map((source) => (
            <SourceProgress key={source.id} source={source} />
          ))}
          {items.some(isWorking) && <p className={classes.note}>{t('knowledge.meanwhile')}</p>}
        </section>
      )}
      {!business.sample_loaded && items.length === 0 && (
        <div className={classes.guess}>
          <span>{t('knowledge.sample')}</span>
          <Button variant="light" loading={sample.isPending} onClick={() => sample.mutate()}>
            {t('knowledge.sampleGo')}
          </Button>
        </div>
      )}
    </StepFrame>
  )
}

function WebAddress() {
  const { t } = useTranslation('start')
  const queries = useQueryClient()
  const [url, setUrl] = useState('')
  const [bad, setBad] = useState(false)
  const add = useMutation({
    mutationFn: (address: string) => post<Source>('/sources/web', { url: address, whole_site: false }),
    onSuccess: () => {
      setUrl('')
      void queries.invalidateQueries({ queryKey: ['sources'] })
    },
  })
  const submit = () => {
    const typed = url.trim()
    const address = /^https?:\/\//i.test(typed) ? typed : `https://${typed}`
    const fine = /^https?:\/\/[^\s/]+\.[^\s/]+/i.test(address)
    setBad(!fine)
    if (fine) add.mutate(address)
  }
  return (
    <div className={classes.web}>
      <TextInput
        className={classes.grow ?? ''}
        label={t('knowledge.web')}
        placeholder={t('knowledge.webExample')}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !url.trim()) return
          event.preventDefault()
          submit()
        }}
        error={bad ? t('knowledge.webBad') : add.isError ? errorText(add.error) : undefined}
        inputMode="url"
        dir="ltr"
        spellCheck={false}
      />
      <Button
        className={classes.beside ?? ''}
        variant="default"
        size="md"
        loading={add.isPending}
        disabled={!url.trim()}
        onClick={submit}
      >
        {t('knowledge.webAdd')}
      </Button>
    </div>
  )
}
