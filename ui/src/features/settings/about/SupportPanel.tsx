// Settings, About: whom to ask, where the brand says so.
import { Anchor } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Panel } from '@/components/Panel'
import { brand } from '@/lib/brand'
import classes from '../Settings.module.css'

export function SupportPanel() {
  const { t } = useTranslation('settings')
  const { email, phone, url } = brand.support
  const ways = [
    ...(email ? [{ title: email, url: `mailto:${email}` }] : []),
    ...(phone ? [{ title: phone, url: `tel:${phone.replace(/[^+\d]/g, '')}` }] : []),
    ...(url ? [{ title: t('about.supportPage'), url }] : []),
    ...brand.links,
  ]
  if (ways.length === 0) return null
  return (
    <Panel title={t('about.support')}>
      <div className={classes.stack}>
        {ways.map((way) => (
          <Anchor
            key={`${way.title} ${way.url}`}
            className="tap"
            href={way.url}
            target="_blank"
            rel="noreferrer"
            size="sm"
          >
            <bdi>{way.title}</bdi>
          </Anchor>
        ))}
      </div>
    </Panel>
  )
}
