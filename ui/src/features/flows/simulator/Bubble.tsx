// One message of the simulated talk; the newest one's buttons can be tapped as on the customer's phone.
import { ActionIcon, Button, Menu, Textarea } from '@mantine/core'
import {
  IconArrowBackUp,
  IconDots,
  IconExternalLink,
  IconFile,
  IconMapPin,
  IconPencil,
  IconPhone,
  IconTrash,
} from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Content } from '@/api/types'
import { useFormat } from '@/components/useFormat'
import type { Action, Line } from '../types'
import { addressOf, mediaOf, optionsOf, wordsOf } from './contents'
import classes from './Simulator.module.css'
import { nthOf } from './script'

type Props = {
  line: Line
  actions: Action[]
  tappable: boolean
  onAct: (action: Action) => void
  onBack: (action: number) => void
}

export function Bubble({ line, actions, tappable, onAct, onBack }: Props) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const words = wordsOf(line)
  if (line.who === 'note') return words ? <p className={classes.note}>{words}</p> : null
  const options = optionsOf(line.content)
  return (
    <div className={classes.row} data-who={line.who}>
      <div className={classes.line}>
        <div className={classes.bubble} title={format.full(line.at)}>
          <span className={classes.hidden}>{t(line.who === 'bot' ? 'botSays' : 'customerSays')}</span>
          {line.content && <Extras content={line.content} />}
          {words && (
            <p className={classes.words} dir="auto">
              {words}
            </p>
          )}
          {line.content?.kind === 'buttons' && line.content.footer && (
            <p className={classes.small}>{line.content.footer}</p>
          )}
        </div>
        {line.who === 'customer' && <CustomerMenu line={line} actions={actions} onAct={onAct} onBack={onBack} />}
      </div>
      {options.length > 0 && (
        <div className={classes.options}>
          {options.map((option) => (
            <button
              key={option.id}
              type="button"
              className={classes.option}
              disabled={!tappable}
              onClick={() => onAct({ do: 'pick', id: option.id, title: option.title })}
            >
              <span dir="auto">{option.title}</span>
              {option.description && (
                <span className={classes.small} dir="auto">
                  {option.description}
                </span>
              )}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

/** What a message holds besides its words. */
function Extras({ content }: { content: Content }) {
  const { t } = useTranslation('flowtries')
  const media = mediaOf(content)
  if (media) {
    const address = addressOf(media)
    const name = media.filename || t(`content.${content.kind}`, { defaultValue: t('content.document') })
    if (address && (content.kind === 'image' || content.kind === 'sticker'))
      return <img src={address} alt={name} className={classes.picture} loading="lazy" />
    return (
      <p className={classes.file}>
        <IconFile size={18} stroke={1.6} aria-hidden />
        {name}
      </p>
    )
  }
  switch (content.kind) {
    case 'link':
      return (
        <p className={classes.file}>
          <IconExternalLink size={18} stroke={1.6} aria-hidden />
          <a href={content.url} target="_blank" rel="noopener noreferrer">
            {content.label || content.url}
          </a>
        </p>
      )
    case 'location':
      return (
        <p className={classes.file}>
          <IconMapPin size={18} stroke={1.6} aria-hidden />
          {t('content.location')}
        </p>
      )
    case 'contacts':
      return (
        <p className={classes.file}>
          <IconPhone size={18} stroke={1.6} aria-hidden />
          {t('content.contacts')}
        </p>
      )
    case 'template':
      return <p className={classes.small}>{t('content.template', { name: content.name.replaceAll('_', ' ') })}</p>
    case 'location_request':
      return <p className={classes.small}>{t('content.location_request')}</p>
    case 'picked':
      return <p className={classes.small}>{t('content.picked')}</p>
    default:
      return null
  }
}

/** What the customer may do to a message that was sent, and the way back to before it. */
function CustomerMenu({ line, actions, onAct, onBack }: Omit<Props, 'tappable'>) {
  const { t } = useTranslation('flowtries')
  const [editing, setEditing] = useState<string | null>(null)
  const nth = nthOf(actions, line.action)
  if (editing !== null && nth !== null)
    return (
      <form
        className={classes.editing}
        onSubmit={(event) => {
          event.preventDefault()
          if (editing.trim()) onAct({ do: 'edit', nth, text: editing.trim() })
          setEditing(null)
        }}
      >
        <Textarea
          size="sm"
          minRows={1}
          autoFocus
          aria-label={t('menu.edit')}
          value={editing}
          maxLength={4096}
          onChange={(event) => setEditing(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              event.stopPropagation()
              setEditing(null)
            }
          }}
        />
        <Button type="submit" size="compact-sm">
          {t('menu.editDone')}
        </Button>
      </form>
    )
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={28} aria-label={t('menu.label')} className={classes.menu ?? ''}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={() => onBack(line.action)}>
          {t('menu.back')}
        </Menu.Item>
        {nth !== null && actions[line.action]?.do === 'say' && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setEditing(wordsOf(line))}>
            {t('menu.edit')}
          </Menu.Item>
        )}
        {nth !== null && (
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => onAct({ do: 'delete', nth })}>
            {t('menu.delete')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
