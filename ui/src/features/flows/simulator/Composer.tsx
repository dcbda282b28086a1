// Writing as the customer, and everything else that can happen to a talk: files, calls, a person, failures.
import { ActionIcon, Menu, Textarea } from '@mantine/core'
import {
  IconAlertTriangle,
  IconArrowUp,
  IconBolt,
  IconFile,
  IconMapPin,
  IconMicrophone,
  IconPhoto,
  IconPlus,
  IconUser,
  IconVideo,
} from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { titleOf } from '../steps'
import type { Action, Flow, Kind, Simulated } from '../types'
import { FAILURES } from './outcomes'
import classes from './Simulator.module.css'
import { type Book, played } from './script'

const FILES = [
  { kind: 'image', filename: 'photo.jpg', Icon: IconPhoto },
  { kind: 'audio', filename: 'voice.ogg', Icon: IconMicrophone },
  { kind: 'video', filename: 'video.mp4', Icon: IconVideo },
  { kind: 'document', filename: 'document.pdf', Icon: IconFile },
] as const

/** Entries that begin by themselves when somebody writes, or only out of other steps. */
const BY_THEMSELVES = ['message_received', 'called', 'error_elsewhere']

export function Composer({
  book,
  result,
  flow,
  kinds,
  onAct,
}: {
  book: Book
  result: Simulated | null
  flow: Flow
  kinds: Kind[]
  onAct: (action: Action) => void
}) {
  const { t } = useTranslation('flowtries')
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const closed = book.setup.channel === 'whatsapp' && result?.window_open === false
  const send = () => {
    const words = text.trim()
    if (!words) return
    setText('')
    onAct({ do: 'say', text: words })
  }
  const person = played(book).findLast((action) => action.do === 'person')
  const withPerson = person?.do === 'person' && person.on
  const kindOf = (name: string) => kinds.find((kind) => kind.name === name)
  const entries = flow.steps.filter((step) => kindOf(step.kind)?.entry && !BY_THEMSELVES.includes(step.kind))
  return (
    <>
      {closed && <p className={classes.hint}>{t('windowClosed')}</p>}
      <form
        className={classes.box}
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <Menu position="top-start" returnFocus>
          <Menu.Target>
            <ActionIcon size={36} radius="xl" aria-label={t('do.label')} title={t('do.label')}>
              <IconPlus size={20} stroke={1.6} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown className={classes.dropdown ?? ''}>
            <Menu.Label>{t('do.send')}</Menu.Label>
            {FILES.map(({ kind, filename, Icon }) => (
              <Menu.Item
                key={kind}
                leftSection={<Icon size={16} stroke={1.6} />}
                onClick={() => onAct({ do: 'send_file', kind, filename })}
              >
                {t(`do.${kind}`)}
              </Menu.Item>
            ))}
            <Menu.Item
              leftSection={<IconMapPin size={16} stroke={1.6} />}
              onClick={() => onAct({ do: 'send_location', latitude: -33.9249, longitude: 18.4241 })}
            >
              {t('do.location')}
            </Menu.Item>
            <Menu.Label>{t('do.happen')}</Menu.Label>
            {entries.map((step) => (
              <Menu.Item
                key={step.id}
                leftSection={<IconBolt size={16} stroke={1.6} />}
                onClick={() => onAct({ do: 'trigger', step: step.id })}
              >
                {t('do.trigger', { title: titleOf(step, kindOf(step.kind)) })}
              </Menu.Item>
            ))}
            <Menu.Item
              leftSection={<IconUser size={16} stroke={1.6} />}
              onClick={() => onAct({ do: 'person', on: !withPerson })}
            >
              {t(withPerson ? 'do.personOff' : 'do.personOn')}
            </Menu.Item>
            <Menu.Label>{t('do.fail')}</Menu.Label>
            {FAILURES.map((how) => (
              <Menu.Item
                key={how}
                leftSection={<IconAlertTriangle size={16} stroke={1.6} />}
                onClick={() => onAct({ do: 'fail', how })}
              >
                {t(`fail.${how}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Textarea
          ref={field}
          className={classes.input ?? ''}
          variant="unstyled"
          aria-label={t('write')}
          placeholder={t('write')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur()
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
            event.preventDefault()
            send()
          }}
          minRows={1}
          maxRows={5}
          maxLength={4096}
          dir="auto"
          data-autofocus
        />
        <ActionIcon
          type="submit"
          variant="filled"
          color="accent"
          size={36}
          radius="xl"
          aria-label={t('send')}
          disabled={!text.trim()}
        >
          <IconArrowUp size={20} stroke={2} />
        </ActionIcon>
      </form>
    </>
  )
}
