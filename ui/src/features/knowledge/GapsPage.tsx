// Questions that found nothing, the most frequent first: taught in place, or put aside.
import { Button } from '@mantine/core'
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { Page as ApiPage, Gap } from '@/api/types'
import { TeachForm } from '@/components/ask/TeachForm'
import { useDelete } from '@/components/notice'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { Ago } from '@/components/Time'
import { Frame } from './Frame'
import classes from './Knowledge.module.css'
import { gapsQuery } from './queries'

export function GapsPage() {
  const { t } = useTranslation('knowledge')
  const query = useInfiniteQuery(gapsQuery)
  const [teaching, setTeaching] = useState<string | null>(null)
  return (
    <Frame here="gaps" title={t('gaps')} lead={t('gapsLead')}>
      <QueryView query={query} loading={<Loading count={5} />}>
        {({ pages }) => {
          const gaps = pages.flatMap((page) => page.items)
          if (gaps.length === 0) return <EmptyState picture="done" title={t('gapsNone')} text={t('gapsNoneText')} />
          return (
            <>
              <ul className={classes.lines}>
                {gaps.map((gap) => (
                  <li key={gap.id} className={classes.line}>
                    <GapLine gap={gap} open={teaching === gap.id} onOpen={setTeaching} />
                  </li>
                ))}
              </ul>
              {query.hasNextPage && (
                <Button
                  variant="default"
                  mt="md"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {t('more')}
                </Button>
              )}
            </>
          )
        }}
      </QueryView>
    </Frame>
  )
}

function GapLine({ gap, open, onOpen }: { gap: Gap; open: boolean; onOpen: (id: string | null) => void }) {
  const { t } = useTranslation('knowledge')
  const queries = useQueryClient()
  const remove = useDelete([['gaps'], ['home']])
  const others = gap.examples.filter((example) => example !== gap.question).slice(0, 4)
  const dismiss = () =>
    remove({
      message: t('dismissed', { question: gap.question }),
      hide: () =>
        queries.setQueryData<InfiniteData<ApiPage<Gap>, string | null>>(gapsQuery.queryKey, (now) =>
          now
            ? {
                ...now,
                pages: now.pages.map((page) => ({ ...page, items: page.items.filter((other) => other.id !== gap.id) })),
              }
            : now,
        ),
      remove: () => post(`/gaps/${gap.id}/dismiss`),
      restore: () => post(`/gaps/${gap.id}/reopen`),
    })
  return (
    <>
      <div className={classes.lineHead}>
        <div className={classes.lineWords}>
          <h2 className={`${classes.lineTitle} lined`} dir="auto">
            {gap.question}
          </h2>
          <p className={classes.quiet}>
            {t('asked', { count: gap.count })} · <Ago at={gap.last_asked_at} />
          </p>
        </div>
        {!open && (
          <div className={classes.lineActions}>
            <Button
              variant="subtle"
              color="gray"
              onClick={() => void dismiss()}
              aria-label={`${t('dismiss')}: ${gap.question}`}
            >
              {t('dismiss')}
            </Button>
            <Button variant="default" onClick={() => onOpen(gap.id)} aria-label={`${t('teach')}: ${gap.question}`}>
              {t('teach')}
            </Button>
          </div>
        )}
      </div>
      {others.length > 0 && (
        <p className={classes.also}>
          {t('examples')}{' '}
          {others.map((example) => (
            <q key={example} dir="auto">
              {example}
            </q>
          ))}
        </p>
      )}
      {open && (
        <div className={classes.inlineForm}>
          <TeachForm question={gap.question} gapId={gap.id} onDone={() => onOpen(null)} onCancel={() => onOpen(null)} />
        </div>
      )}
    </>
  )
}
