// Finding a step of this flow by its words.
import { CloseButton, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import type { Words } from '../canvas/drawing'
import { find, inOrder } from '../model/walk'
import { StepIcon } from '../steps'
import type { Flow, Kind } from '../types'
import classes from './Builder.module.css'

const MOST_FOUND = 40

export function FindBox({
  flow,
  kinds,
  words,
  onOpen,
  onClose,
}: {
  flow: Flow
  kinds: ReadonlyMap<string, Kind>
  words: Words
  /** `stay`: the search goes on. */
  onOpen: (step: string, stay: boolean) => void
  onClose: () => void
}) {
  const { t } = useTranslation('flows')
  const format = useFormat()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const ordered = useMemo(() => inOrder(flow, kinds), [flow, kinds])
  const face = (step: Flow['steps'][number]) => {
    const kind = kinds.get(step.kind)
    return `${words.titleOf(step, kind)} ${words.faceOf(step, kind)}`
  }
  const found = query.trim() ? find(ordered, query, face) : []
  const current = found[Math.min(at, found.length - 1)]
  return (
    <search className={classes.find}>
      <TextInput
        size="sm"
        data-autofocus
        autoFocus
        placeholder={t('findHint')}
        aria-label={t('find')}
        leftSection={<IconSearch size={16} />}
        rightSection={<CloseButton size="sm" onClick={onClose} />}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose()
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault()
            const next = (at + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % Math.max(found.length, 1)
            setAt(next)
            const step = found[next]
            if (step) onOpen(step.id, true)
          }
          if (event.key === 'Enter' && current) onOpen(current.id, false)
        }}
      />
      {query.trim() !== '' && (
        <>
          <p className={classes.quiet} role="status">
            {t('foundCount', { count: found.length, number: format.number(found.length) })}
          </p>
          <ul className={classes.plainList}>
            {found.slice(0, MOST_FOUND).map((step) => (
              <li key={step.id}>
                <button
                  type="button"
                  className={classes.foundStep}
                  data-current={step === current || undefined}
                  onClick={() => onOpen(step.id, false)}
                >
                  <StepIcon kind={step.kind} size={16} />
                  <span className={classes.foundWords}>
                    <bdi>{words.titleOf(step, kinds.get(step.kind))}</bdi>
                    <span className={classes.quiet} dir="auto">
                      {words.faceOf(step, kinds.get(step.kind))}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </search>
  )
}
