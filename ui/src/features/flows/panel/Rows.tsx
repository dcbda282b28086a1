// A list of small things that can be put in order, taken out and added to, all of it by keyboard.
import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconCopy, IconDots, IconPlus, IconTrash } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Panel.module.css'

export function Rows<T>({
  list,
  keyOf,
  nameOf,
  onChange,
  fresh,
  copy,
  most,
  addLabel,
  compact,
  headed,
  children,
}: {
  list: T[]
  keyOf: (item: T, index: number) => string
  nameOf: (item: T, index: number) => string
  onChange: (list: T[]) => void
  fresh: () => T
  /** The same again as a thing of its own. */
  copy?: (item: T) => T
  most: number
  addLabel: string
  /** One line each, without a frame. */
  compact?: boolean
  /** Its name stands over it. */
  headed?: boolean
  children: (item: T, set: (item: T) => void, index: number) => ReactNode
}) {
  const { t } = useTranslation('flowsteps')
  const box = useRef<HTMLUListElement>(null)
  const added = useRef(false)
  useEffect(() => {
    if (!added.current) return
    added.current = false
    box.current?.lastElementChild?.querySelector<HTMLElement>('input, textarea')?.focus()
  })
  const move = (from: number, to: number) => {
    const next = [...list]
    const [item] = next.splice(from, 1)
    if (item !== undefined) next.splice(to, 0, item)
    onChange(next)
  }
  const add = (item: T, at = list.length) => {
    added.current = at === list.length
    onChange([...list.slice(0, at), item, ...list.slice(at)])
  }
  const body = (item: T, i: number) => (
    <div className={classes.rowBody}>
      {children(item, (next) => onChange(list.map((other, at) => (at === i ? next : other))), i)}
    </div>
  )
  return (
    <div>
      <ul className={classes.rows} ref={box}>
        {list.map((item, i) => (
          <li
            key={keyOf(item, i)}
            className={classes.row}
            data-compact={compact || undefined}
            data-headed={headed || undefined}
          >
            {!headed && body(item, i)}
            <div className={headed ? classes.rowHead : undefined}>
              {headed && <span dir="auto">{nameOf(item, i)}</span>}
              <Menu>
                <Menu.Target>
                  <ActionIcon size={28} aria-label={t('rowActions', { name: nameOf(item, i) })}>
                    <IconDots size={16} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<IconArrowUp size={16} />} disabled={i === 0} onClick={() => move(i, i - 1)}>
                    {t('moveUp')}
                  </Menu.Item>
                  <Menu.Item
                    leftSection={<IconArrowDown size={16} />}
                    disabled={i === list.length - 1}
                    onClick={() => move(i, i + 1)}
                  >
                    {t('moveDown')}
                  </Menu.Item>
                  {copy && list.length < most && (
                    <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => add(copy(item), i + 1)}>
                      {t('duplicate')}
                    </Menu.Item>
                  )}
                  <Menu.Item
                    color="danger"
                    leftSection={<IconTrash size={16} />}
                    onClick={() => onChange(list.filter((_, at) => at !== i))}
                  >
                    {t('common:remove')}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </div>
            {headed && body(item, i)}
          </li>
        ))}
      </ul>
      {list.length < most && (
        <Button
          variant="subtle"
          size="compact-sm"
          className="flush"
          leftSection={<IconPlus size={16} />}
          onClick={() => add(fresh())}
        >
          {addLabel}
        </Button>
      )}
    </div>
  )
}
