// Opens the page an answer came from, with the sentence marked.
import { Button, Drawer } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { get } from '@/api/client'
import type { Citation, SourceDocument } from '@/api/types'
import { Loading, QueryView } from '@/components/States'
import classes from './Document.module.css'
import { DocumentBlocks } from './DocumentBlocks'

type Place = Pick<Citation, 'source_id' | 'source_title' | 'page' | 'passage_id' | 'marks'>

export function SourceViewer({ citation, onClose }: { citation: Place | null; onClose: () => void }) {
  return (
    <Drawer
      opened={citation !== null}
      onClose={onClose}
      position="right"
      size="lg"
      padding="lg"
      title={<span className={classes.title}>{citation?.source_title}</span>}
    >
      {citation && <Opened citation={citation} />}
    </Drawer>
  )
}

function Opened({ citation }: { citation: Place }) {
  const { t } = useTranslation('ask')
  const query = useQuery({
    queryKey: [`source:${citation.source_id}`, 'document'],
    queryFn: ({ signal }) => get<SourceDocument>(`/sources/${citation.source_id}/document`, undefined, signal),
  })
  return (
    <QueryView query={query} loading={<Loading shape="text" count={12} />}>
      {(document) => (
        <>
          <p className={classes.lead}>{t('marked')}</p>
          <DocumentBlocks
            document={document}
            marks={citation.marks}
            passageId={citation.passage_id}
            page={citation.page}
          />
          <Button
            mt="md"
            variant="default"
            leftSection={<IconExternalLink size={16} />}
            renderRoot={(props) => <Link {...props} to={`/knowledge/${citation.source_id}` as '/'} />}
          >
            {t('viewerOpen')}
          </Button>
        </>
      )}
    </QueryView>
  )
}
