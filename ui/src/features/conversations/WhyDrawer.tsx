// Why the bot said this: what it understood, the path through the flow, what was found and where it stands.
import { Drawer } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Citation } from '@/api/types'
import { SourceChips } from '@/components/ask/AnswerBubble'
import { HitList } from '@/components/ask/HitList'
import { Loading, QueryView } from '@/components/States'
import { useFormat } from '@/components/useFormat'
import classes from './Inbox.module.css'
import { whyQuery } from './queries'
import type { Message, Why } from './types'

export function WhyDrawer({
  message,
  onClose,
  onOpen,
}: {
  message: Message | null
  onClose: () => void
  onOpen: (citation: Citation) => void
}) {
  const { t } = useTranslation('inbox')
  return (
    <Drawer
      opened={message !== null}
      onClose={onClose}
      position="right"
      size="md"
      title={<strong>{t('whyTitle')}</strong>}
    >
      {message && <Explained message={message} onOpen={onOpen} />}
    </Drawer>
  )
}

function Explained({ message, onOpen }: { message: Message; onOpen: (citation: Citation) => void }) {
  const query = useQuery(whyQuery(message.id))
  return (
    <QueryView query={query} loading={<Loading shape="text" count={10} />}>
      {(why) => <Reasons why={why} message={message} onOpen={onOpen} />}
    </QueryView>
  )
}

function Reasons({ why, message, onOpen }: { why: Why; message: Message; onOpen: (citation: Citation) => void }) {
  const { t } = useTranslation('inbox')
  const format = useFormat()
  const rung = why.rung ?? message.answer?.rung
  return (
    <div className={classes.why}>
      {why.question && (
        <section>
          <h3>{t('whyQuestion')}</h3>
          <p dir="auto">“{why.question}”</p>
        </section>
      )}
      {rung && (
        <section>
          <h3>{t('whyAnswer')}</h3>
          <p>
            {t(`rung.${rung}`, { model: message.answer?.model || t('service') })}
            {why.ms !== null && ` ${t('whyIn', { time: format.duration(why.ms) })}`}
            {why.confidence !== null && `, ${t('sure', { share: format.percent(why.confidence) })}`}
          </p>
        </section>
      )}
      {why.citations.length > 0 && (
        <section>
          <h3>{t('whySources')}</h3>
          <SourceChips citations={why.citations} onOpen={onOpen} />
        </section>
      )}
      {why.steps.length > 0 && (
        <section>
          <h3>{t('whyPath')}</h3>
          <ol className={classes.path}>
            {why.steps.map((step, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a path is told once and stays as it is
              <li key={`${i}-${step.title}`}>
                <span className={classes.pathTitle}>{step.title}</span>
                {step.note && (
                  <span className={`${classes.small} lined`} dir="auto">
                    {step.note}
                  </span>
                )}
              </li>
            ))}
          </ol>
        </section>
      )}
      <section>
        <h3>{t('whyFound')}</h3>
        {why.hits.length === 0 ? (
          <p className={classes.quiet}>{t('whyFoundNone')}</p>
        ) : (
          <HitList hits={why.hits} onOpen={onOpen} />
        )}
      </section>
    </div>
  )
}
