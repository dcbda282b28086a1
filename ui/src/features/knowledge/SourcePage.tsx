// One source opened: the document as BotFlow reads it, and the passages in which it looks things up.
import { Button, SegmentedControl } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Source } from '@/api/types'
import { DocumentBlocks } from '@/components/ask/DocumentBlocks'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import { EmptyState, ErrorState, Loading, QueryView } from '@/components/States'
import { SourceProgress } from '@/components/sources/SourceProgress'
import { isWorking, toneOf } from '@/components/sources/sourceState'
import { Tag } from '@/components/Tag'
import { Ago } from '@/components/Time'
import { useFormat } from '@/components/useFormat'
import classes from './Knowledge.module.css'
import { documentQuery, passagesQuery, sourceQuery } from './queries'
import { SourceMenu } from './SourceMenu'

export function SourcePage() {
  const { t } = useTranslation('knowledge')
  const navigate = useNavigate()
  const { sourceId = '' } = useParams({ strict: false }) as { sourceId?: string }
  const { passage } = useSearch({ strict: false }) as { passage?: string }
  const query = useQuery(sourceQuery(sourceId))
  const [part, setPart] = useState('document')
  if (query.isError && !query.data)
    return (
      <Page>
        <PageHeader title={t('place')} back={{ to: '/knowledge', label: t('back') }} />
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      </Page>
    )
  const source = query.data
  return (
    <Page size="narrow">
      <PageHeader
        title={source?.title ?? '…'}
        back={{ to: '/knowledge', label: t('back') }}
        lead={source && <Facts source={source} />}
        actions={source && <SourceMenu source={source} onRemoved={() => void navigate({ to: '/knowledge' as '/' })} />}
      />
      {source && source.state !== 'ready' && (
        <Panel {...(source.state === 'failed' ? { tone: 'attention' as const } : {})}>
          <SourceProgress source={source} />
        </Panel>
      )}
      {source && source.passages > 0 && (
        <SegmentedControl
          mb="md"
          mt={source.state === 'ready' ? 0 : 'md'}
          value={part}
          onChange={setPart}
          aria-label={t('tabs')}
          data={[
            { value: 'document', label: t('document') },
            { value: 'passages', label: t('passages') },
          ]}
        />
      )}
      {part === 'document' ? <Document id={sourceId} source={source} passage={passage} /> : <Passages id={sourceId} />}
    </Page>
  )
}

function Facts({ source }: { source: Source }) {
  const { t } = useTranslation('knowledge')
  const format = useFormat()
  return (
    <span className={classes.factLine}>
      {source.state === 'ready' && (
        <Tag tone={toneOf(source.state)}>{t('sources:passages', { count: source.passages })}</Tag>
      )}
      <span>{t(source.answered === 0 ? 'answered_zero' : 'answered', { count: source.answered })}</span>
      <span>
        <Ago at={source.updated_at} />
      </span>
      {source.size_bytes > 0 && <span>{format.bytes(source.size_bytes)}</span>}
      {source.kind === 'web' && source.origin && (
        <a href={source.origin} target="_blank" rel="noopener noreferrer">
          {t('loadedFrom', { origin: source.origin })}
        </a>
      )}
    </span>
  )
}

function Document({ id, source, passage }: { id: string; source: Source | undefined; passage: string | undefined }) {
  const { t } = useTranslation('knowledge')
  const query = useQuery(documentQuery(id))
  return (
    <QueryView query={query} loading={<Loading shape="text" count={14} />}>
      {(document) =>
        document.blocks.length === 0 ? (
          <EmptyState
            compact
            picture="knowledge"
            title={t('documentEmpty')}
            text={t(source && isWorking(source) ? 'documentWorking' : 'documentNone')}
          />
        ) : (
          <Panel>
            <DocumentBlocks document={document} passageId={passage} />
          </Panel>
        )
      }
    </QueryView>
  )
}

function Passages({ id }: { id: string }) {
  const { t } = useTranslation('knowledge')
  const query = useInfiniteQuery(passagesQuery(id))
  return (
    <QueryView query={query} loading={<Loading count={5} />}>
      {({ pages }) => (
        <>
          <p className={classes.quiet}>{t('passagesLead')}</p>
          <ol className={classes.passages}>
            {pages
              .flatMap((page) => page.items)
              .map((passage) => (
                <li key={passage.id} className={classes.passage}>
                  <span className={classes.quiet}>
                    {t('passageNumber', { number: passage.ordinal + 1 })}
                    {passage.page !== null && ` · ${t('page', { page: passage.page })}`}
                    {passage.kind !== 'text' && ` · ${t(passage.kind)}`}
                    {passage.headings.length > 0 && ` · ${passage.headings.join(' › ')}`}
                  </span>
                  <p dir="auto">{passage.text}</p>
                </li>
              ))}
          </ol>
          {query.hasNextPage && (
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t('more')}
            </Button>
          )}
        </>
      )}
    </QueryView>
  )
}
