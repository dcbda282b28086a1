// The steps that can be added: searched, clicked, or dragged onto the canvas.
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { type KeyboardEvent, type Ref, useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DRAGGED_KIND } from '../canvas/view'
import { StepIcon } from '../steps'
import type { Kind } from '../types'
import classes from './Palette.module.css'
import { grouped, searchKinds } from './search'

export function Palette({
  kinds,
  onPick,
  search,
  draggable = false,
  autoFocus = false,
}: {
  kinds: Kind[]
  onPick: (kind: string) => void
  search?: Ref<HTMLInputElement>
  draggable?: boolean
  autoFocus?: boolean
}) {
  const { t } = useTranslation('flows')
  const id = useId()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const found = useMemo(() => searchKinds(kinds, query), [kinds, query])
  // Found ones stand in the order of how well they fit, all of them by group.
  const parts = query.trim() ? [{ group: null, kinds: found }] : grouped(found)
  const flat = parts.flatMap((part) => part.kinds)
  const current = flat[Math.min(at, flat.length - 1)]
  const optionId = (kind: Kind) => `${id}-${kind.name}`
  const go = (to: number) => {
    const next = Math.max(0, Math.min(to, flat.length - 1))
    setAt(next)
    const kind = flat[next]
    if (kind) document.getElementById(optionId(kind))?.scrollIntoView({ block: 'nearest' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key]
    if (by) {
      event.preventDefault()
      go(Math.min(at, flat.length - 1) + by)
    } else if (event.key === 'Enter' && current) {
      event.preventDefault()
      onPick(current.name)
    } else if (event.key === 'Escape' && query) {
      event.stopPropagation()
      setQuery('')
    }
  }
  return (
    <div className={classes.palette}>
      <TextInput
        ref={search ?? null}
        size="sm"
        className={classes.search ?? ''}
        leftSection={<IconSearch size={16} />}
        placeholder={t('paletteSearch')}
        aria-label={t('paletteSearch')}
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={current ? optionId(current) : undefined}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
        data-autofocus={autoFocus || undefined}
      />
      <div id={`${id}-list`} role="listbox" aria-label={t('palette')} className={classes.list}>
        {parts.map(({ group, kinds: inside }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset may not stand inside of a list box
          <div key={group ?? 'found'} role="group" aria-label={group ? t(`groups.${group}`) : t('found')}>
            {group && (
              <div className={classes.group} aria-hidden>
                {t(`groups.${group}`)}
              </div>
            )}
            {inside.map((kind) => (
              // biome-ignore lint/a11y/useFocusableInteractive: the field above keeps the focus and moves through the list
              // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field does the same
              <div
                key={kind.name}
                id={optionId(kind)}
                role="option"
                aria-selected={kind === current}
                className={classes.item}
                data-current={(query.trim() !== '' || autoFocus) && kind === current ? '' : undefined}
                title={kind.help}
                draggable={draggable}
                onDragStart={(event) => {
                  event.dataTransfer.setData(DRAGGED_KIND, kind.name)
                  event.dataTransfer.effectAllowed = 'copy'
                }}
                onClick={() => onPick(kind.name)}
              >
                <span className={classes.sign} data-tone={kind.group}>
                  <StepIcon kind={kind.name} />
                </span>
                <span className={classes.words}>
                  <span className={classes.title}>{kind.title}</span>
                  {query.trim() !== '' && <span className={classes.help}>{kind.help}</span>}
                </span>
              </div>
            ))}
          </div>
        ))}
        {flat.length === 0 && <p className={classes.none}>{t('paletteNone')}</p>}
      </div>
    </div>
  )
}
