// What a message holds, whatever its kind, in words and pictures that a person at the counter can use.
import { Anchor } from '@mantine/core'
import { IconExternalLink, IconFile, IconMapPin, IconPhone, IconShoppingCart } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Choice, Content, Media } from '@/api/types'
import { useFormat } from '@/components/useFormat'
import { linkParts } from '@/lib/links'
import classes from './Inbox.module.css'

/** Plain text with its line breaks; web addresses can be opened. */
export function Words({ text }: { text: string }) {
  let at = 0
  return (
    <p className={classes.words} dir="auto">
      {linkParts(text).map((part) => {
        const key = at
        at += part.text.length
        return part.url ? (
          <a key={key} href={part.url} target="_blank" rel="noopener noreferrer">
            {part.text}
          </a>
        ) : (
          part.text
        )
      })}
    </p>
  )
}

const addressOf = (media: Media) =>
  media.stored ? `/api/media/${media.stored}` : /^https?:/.test(media.url ?? '') ? (media.url ?? null) : null

function MediaView({ content }: { content: Extract<Content, { media: Media }> }) {
  const { t } = useTranslation('inbox')
  const format = useFormat()
  const { media } = content
  const address = addressOf(media)
  const caption = 'caption' in content ? content.caption : undefined
  const kind = content.kind === 'audio' && content.voice ? 'voice' : content.kind
  const name = media.filename || t(`kind.${kind}`)
  const size = media.size_bytes ? ` · ${format.bytes(media.size_bytes)}` : ''
  const picture = content.kind === 'image' || content.kind === 'sticker'
  return (
    <>
      {!address ? (
        <p className={classes.file}>
          <IconFile size={20} stroke={1.6} aria-hidden />
          <span>
            {name}
            {size}
            <span className={classes.small}>{t('kind.notKept')}</span>
          </span>
        </p>
      ) : picture ? (
        <a href={address} target="_blank" rel="noopener noreferrer" aria-label={t('kind.open', { name })}>
          <img
            src={address}
            alt={caption || name}
            className={classes.picture}
            data-kind={content.kind}
            loading="lazy"
          />
        </a>
      ) : content.kind === 'video' ? (
        // biome-ignore lint/a11y/useMediaCaption: customers send no captions
        <video src={address} controls preload="metadata" className={classes.picture} aria-label={name} />
      ) : content.kind === 'audio' ? (
        <div>
          <span className={classes.small}>{name}</span>
          {/* biome-ignore lint/a11y/useMediaCaption: customers send no captions */}
          <audio src={address} controls preload="metadata" className={classes.sound} aria-label={name} />
        </div>
      ) : (
        <a
          href={address}
          target="_blank"
          rel="noopener noreferrer"
          className={classes.file}
          {...(media.filename && media.stored ? { download: media.filename } : {})}
        >
          <IconFile size={20} stroke={1.6} aria-hidden />
          <span>
            {name}
            {size}
          </span>
        </a>
      )}
      {caption && <Words text={caption} />}
    </>
  )
}

function Choices({ list }: { list: Choice[] }) {
  return (
    <ul className={classes.choices}>
      {list.map((choice) => (
        <li key={choice.id} dir="auto">
          {choice.title}
          {choice.description && <span className={classes.small}>{choice.description}</span>}
        </li>
      ))}
    </ul>
  )
}

export function ContentView({ content }: { content: Content }) {
  const { t } = useTranslation('inbox')
  const format = useFormat()
  switch (content.kind) {
    case 'text':
      return <Words text={content.text} />
    case 'picked':
      return (
        <>
          <span className={classes.small}>{t('kind.picked')}</span>
          <Words text={content.title} />
        </>
      )
    case 'buttons':
      return (
        <>
          <Words text={content.text} />
          {content.footer && <span className={classes.small}>{content.footer}</span>}
          <Choices list={content.buttons} />
        </>
      )
    case 'list':
      return (
        <>
          <Words text={content.text} />
          {content.sections.map((section) => (
            <div key={section.title}>
              {section.title && <span className={classes.small}>{section.title}</span>}
              <Choices list={section.rows} />
            </div>
          ))}
        </>
      )
    case 'link':
      return (
        <>
          <Words text={content.text} />
          <Anchor href={content.url} target="_blank" rel="noopener noreferrer" className={classes.file ?? ''}>
            <IconExternalLink size={16} stroke={1.6} aria-hidden />
            {content.label || content.url}
          </Anchor>
        </>
      )
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return <MediaView content={content} />
    case 'location': {
      const { latitude, longitude } = content
      const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`
      return (
        <p className={classes.file}>
          <IconMapPin size={20} stroke={1.6} aria-hidden />
          <span>
            {[content.name, content.address].filter(Boolean).join(', ') || t('kind.location')}
            <span className={classes.small}>
              <a href={map} target="_blank" rel="noopener noreferrer">
                {t('kind.openMap')}
              </a>
            </span>
          </span>
        </p>
      )
    }
    case 'contacts':
      return content.contacts.map((card) => (
        <p key={`${card.name}${card.phones?.[0]}`} className={classes.file}>
          <IconPhone size={20} stroke={1.6} aria-hidden />
          <span>
            {card.name || t('kind.contact')}
            <span className={classes.small} dir="ltr">
              {card.phones?.join(', ')}
            </span>
          </span>
        </p>
      ))
    case 'order': {
      const total = content.items.reduce((sum, line) => sum + line.price_minor * line.quantity, 0)
      return (
        <>
          <p className={classes.file}>
            <IconShoppingCart size={20} stroke={1.6} aria-hidden />
            {t('kind.order')}
          </p>
          <ul className={classes.order}>
            {content.items.map((line) => (
              <li key={line.product_id}>
                <span>{t('kind.orderLine', { quantity: format.number(line.quantity), product: line.product_id })}</span>
                <span>{format.money(line.price_minor * line.quantity, line.currency)}</span>
              </li>
            ))}
          </ul>
          <strong>{t('kind.total', { amount: format.money(total, content.items[0]?.currency) })}</strong>
          {content.text && <Words text={content.text} />}
        </>
      )
    }
    case 'form':
      return (
        <>
          <span className={classes.small}>{content.name || t('kind.form')}</span>
          <dl className={classes.fields}>
            {Object.entries(content.values ?? {}).map(([key, value]) => (
              <div key={key}>
                <dt>{key.replaceAll('_', ' ')}</dt>
                <dd dir="auto">{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
              </div>
            ))}
          </dl>
        </>
      )
    case 'template':
      return (
        <>
          <span className={classes.small}>{t('kind.template', { name: content.name.replaceAll('_', ' ') })}</span>
          <Words text={content.parameters.map((parameter) => parameter.text).join('\n')} />
        </>
      )
    case 'location_request':
      return (
        <>
          <span className={classes.small}>{t('kind.locationRequest')}</span>
          <Words text={content.text} />
        </>
      )
    case 'reaction':
      return <p className={classes.words}>{content.emoji}</p>
    default:
      return <p className={classes.gone}>{t('kind.unsupported', { what: content.what })}</p>
  }
}
