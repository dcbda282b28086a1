// What is still possible once WhatsApp takes no free words, in a sentence: the approved message, or the way to one.
import { Anchor } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { channelQuery } from '@/api/queries'
import type { FallbackTemplate } from '@/api/types'
import { useFormat } from '@/components/useFormat'
import classes from './Inbox.module.css'
import { templateFor } from './thread'
import type { Conversation } from './types'
import { useName } from './useName'

/** The approved message that carries words by hand; null where there is none, undefined while that is not known. */
export function useTemplate(conversation: Conversation, closed: boolean): FallbackTemplate | null | undefined {
  const { id, kind } = conversation.channel
  const query = useQuery({ ...channelQuery(id), enabled: closed && kind === 'whatsapp' })
  if (kind !== 'whatsapp' || query.isError) return null
  return query.data && templateFor(query.data)
}

export function ClosedNote({ conversation, now }: { conversation: Conversation; now: number }) {
  const { t } = useTranslation('inbox')
  const format = useFormat()
  const name = useName()(conversation)
  const ago = format.ago(conversation.window_closes_at ?? now, now)
  return (
    <div className={classes.closed} role="status">
      <IconLock size={20} stroke={1.6} aria-hidden />
      <div>
        <strong>{t('closedTitle')}</strong>
        <p>{t('closedText', { name, ago })}</p>
        {conversation.channel.kind === 'whatsapp' && (
          <p>
            {t('closedTemplate')}{' '}
            <Anchor
              inherit
              underline="always"
              renderRoot={(props) => (
                <Link
                  {...props}
                  to="/settings/channels/$channelId"
                  params={{ channelId: conversation.channel.id }}
                  hash="after-24-hours"
                />
              )}
            >
              {t('closedSettings')}
            </Anchor>
          </p>
        )}
      </div>
    </div>
  )
}
