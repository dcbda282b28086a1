// `?` shows the keys of the place.
import { Kbd, Modal } from '@mantine/core'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { useShortcutGroups } from '@/lib/shortcuts'
import classes from './KeyHelp.module.css'

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)
const SIGNS: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': '␣',
}

function sign(key: string): string {
  if (key === 'mod') return isMac ? '⌘' : 'Ctrl'
  return SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key)
}

export function Keys({ keys }: { keys: string }) {
  const { t } = useTranslation()
  return (
    <span className={classes.keys} dir="ltr">
      {keys.split(' ').map((press, i) => (
        <Fragment key={`${press}${i === 0 ? '' : '-second'}`}>
          {i > 0 && <span className={classes.then}>{t('keyThen')}</span>}
          {press.split('+').map((key) => (
            <Kbd key={key}>{sign(key)}</Kbd>
          ))}
        </Fragment>
      ))}
    </span>
  )
}

export function KeyHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const groups = useShortcutGroups()
  return (
    <Modal opened={opened} onClose={onClose} title={t('keysTitle')} size="md">
      {[...groups].reverse().map((group) => (
        <section key={group.title} className={classes.group}>
          <h3 className={classes.title}>{group.title}</h3>
          <dl className={classes.list}>
            {group.list.map((shortcut) => (
              <div key={shortcut.keys} className={classes.line}>
                <dt>{shortcut.label}</dt>
                <dd>
                  <Keys keys={shortcut.keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  )
}
