// Beside the steps: the chat with one's own bot, or the website chat as visitors see it.
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { sourcesQuery, useBusiness } from '@/api/queries'
import { AskChat } from '@/components/ask/AskChat'
import { WebchatPreview } from '@/components/channels/WebchatPreview'
import { EmptyState } from '@/components/States'
import { isWorking } from '@/components/sources/sourceState'
import { Tag } from '@/components/Tag'
import classes from './Start.module.css'

export function SidePane({ preview, forPhone }: { preview: string | null; forPhone: boolean }) {
  const { t } = useTranslation('start')
  const { data: business } = useBusiness()
  const sources = useQuery(sourcesQuery)
  const items = sources.data?.items ?? []
  const ready = items.some((source) => source.state === 'ready')
  const working = items.some(isWorking)
  return (
    <aside className={classes.side} data-phone={forPhone || preview !== null || undefined}>
      {preview !== null && (
        <div className={classes.previewPane}>
          <WebchatPreview url={preview} />
        </div>
      )}
      {/* Stays where it is while the preview is shown, so that the talk is not lost. */}
      <div className={classes.chatPane} hidden={preview !== null}>
        <div className={classes.chatHead}>
          <strong>{business?.name || t('chat.title')}</strong>
          <Tag tone={ready ? 'ok' : working ? 'working' : 'off'}>
            {t(ready ? 'chat.ready' : working ? 'chat.reading' : 'chat.empty')}
          </Tag>
        </div>
        <div className={classes.chatBody}>
          <AskChat
            disabled={!ready}
            suggestions={ready ? [t('ask.example1'), t('ask.example2'), t('ask.example3')] : []}
            empty={
              ready ? undefined : (
                <EmptyState
                  compact
                  picture={working ? 'knowledge' : 'counter'}
                  title={t('ask:notReadyTitle')}
                  text={t('ask:notReadyText')}
                />
              )
            }
          />
        </div>
      </div>
    </aside>
  )
}
