// Who the customer is, as far as the bot and the channel know.
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ChannelIcon } from '@/components/ChannelIcon'
import { Face } from '@/components/Face'
import { Loading, QueryView } from '@/components/States'
import { useFormat } from '@/components/useFormat'
import classes from './Inbox.module.css'
import { conversationQuery } from './queries'
import { useName } from './useName'

export function PersonPane({ id }: { id: string }) {
  const { t, i18n } = useTranslation('inbox')
  const format = useFormat()
  const nameOf = useName()
  const query = useQuery(conversationQuery(id))
  const languageName = (code: string) => {
    try {
      return new Intl.DisplayNames([i18n.language], { type: 'language' }).of(code) ?? code
    } catch {
      return code
    }
  }
  const worded = (value: unknown) =>
    typeof value === 'boolean'
      ? t(value ? 'person.yes' : 'person.no')
      : typeof value === 'number'
        ? format.number(value)
        : String(value)
  return (
    <QueryView query={query} loading={<Loading shape="text" count={5} />}>
      {(conversation) => {
        const { person } = conversation
        const name = nameOf(conversation)
        const fields = Object.entries(person?.fields ?? {}).filter(
          ([, value]) => value !== null && value !== '' && typeof value !== 'object',
        )
        return (
          <div className={classes.person}>
            <Face name={name} size={56} unknown={!conversation.contact.name} />
            <h2 className={classes.personName}>
              <bdi>{name}</bdi>
            </h2>
            <dl className={classes.facts}>
              {(person?.handles ?? []).map((handle) => (
                <div key={handle}>
                  <dt>{t('person.handle')}</dt>
                  <dd>
                    <bdi dir="ltr">{handle}</bdi>
                  </dd>
                </div>
              ))}
              <div>
                <dt>{t('person.channel')}</dt>
                <dd className={classes.inline}>
                  <ChannelIcon kind={conversation.channel.kind} size={16} /> {conversation.channel.name}
                </dd>
              </div>
              {person?.language && (
                <div>
                  <dt>{t('person.language')}</dt>
                  <dd>{languageName(person.language)}</dd>
                </div>
              )}
              {conversation.window_closes_at !== null && (
                <div>
                  <dt>{t('person.window')}</dt>
                  <dd>{format.full(conversation.window_closes_at)}</dd>
                </div>
              )}
            </dl>
            <h3 className={classes.personHead}>{t('person.known')}</h3>
            {fields.length === 0 ? (
              <p className={classes.quiet}>{t('person.nothing')}</p>
            ) : (
              <dl className={classes.facts}>
                {fields.map(([key, value]) => (
                  <div key={key}>
                    <dt>{key.replaceAll('_', ' ')}</dt>
                    <dd className={`${classes.noted} lined`} dir="auto">
                      {worded(value)}
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        )
      }}
    </QueryView>
  )
}
