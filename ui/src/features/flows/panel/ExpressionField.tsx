// A text in which values can be put: marked where they stand, completed while typing, shown filled in with samples.
import { ActionIcon, Input, Popover, TextInput, Tooltip } from '@mantine/core'
import { IconBraces } from '@tabler/icons-react'
import { type KeyboardEvent, useId, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import { titleOf } from '../steps'
import type { Finding } from '../types'
import { usePanelScope, usePreview } from './context'
import { type Completion, complete, completionAt, insertionAt, segmentsOf, unitsOf } from './expression'
import classes from './Panel.module.css'
import { fitting, type Suggestion, SuggestionList, useSuggestions } from './Suggestions'

type Open = { at: Completion; letters: string; byButton: boolean }

export function ExpressionField({
  label,
  name,
  description,
  error,
  required,
  value,
  onChange,
  lines = 1,
  max,
  problems = [],
  placeholder,
  mono,
  preview: wantsPreview = true,
}: {
  label?: string
  /** How it is called where no label is shown. */
  name?: string
  description?: string
  error?: React.ReactNode
  required?: boolean
  value: string
  onChange: (text: string) => void
  lines?: number
  max?: number
  problems?: Finding[]
  placeholder?: string
  mono?: boolean
  preview?: boolean
}) {
  const { t } = useTranslation('flowsteps')
  const format = useFormat()
  const { known, kinds } = usePanelScope()
  const id = useId()
  const area = useRef<HTMLTextAreaElement>(null)
  const caret = useRef<number | null>(null)
  const [open, setOpen] = useState<Open | null>(null)
  const [active, setActive] = useState(0)
  const preview = usePreview(wantsPreview ? value : '')
  const suggestions = useSuggestions(known, (one) => (one.step ? titleOf(one.step, kinds.get(one.step.kind)) : ''))
  const list = open
    ? fitting(open.at.what === 'filter' ? suggestions.filters() : suggestions.names(), open.letters)
    : []

  useLayoutEffect(() => {
    if (caret.current === null) return
    area.current?.focus()
    area.current?.setSelectionRange(caret.current, caret.current)
    caret.current = null
  })

  const wrong = preview?.problem
  const segments = useMemo(() => {
    const ranges = problems.flatMap((problem) => (problem.at ? [unitsOf(value, problem.at)] : []))
    if (wrong) ranges.push(unitsOf(value, wrong))
    return segmentsOf(value, ranges)
  }, [value, problems, wrong])

  const look = (text: string, position: number) => {
    const at = completionAt(text, position)
    setOpen(at ? { at, letters: at.word, byButton: false } : null)
    setActive(0)
  }
  const choose = (chosen: Suggestion) => {
    if (!open) return
    const done = complete(value, open.at, chosen.write)
    caret.current = done.caret
    setOpen(null)
    onChange(done.text)
  }
  const putIn = () => {
    const element = area.current
    const [from, to] = element ? [element.selectionStart, element.selectionEnd] : [value.length, value.length]
    setOpen({ at: completionAt(value, from) ?? insertionAt(from, to), letters: '', byButton: true })
    setActive(0)
  }
  const onKey = (event: KeyboardEvent) => {
    if (open) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
      if (step && list.length > 0) {
        event.preventDefault()
        setActive((now) => (now + step + list.length) % list.length)
        return
      }
      const chosen = list[active]
      if ((event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) && chosen) {
        event.preventDefault()
        choose(chosen)
        return
      }
      if (event.key === 'Escape') {
        // Closes only the list, not what lies around.
        event.stopPropagation()
        event.preventDefault()
        setOpen(null)
        area.current?.focus()
        return
      }
    }
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault()
      putIn()
    } else if (event.key === 'Enter' && lines === 1) event.preventDefault()
  }

  const tooLong = max !== undefined && value.length > max * 0.8
  return (
    <Input.Wrapper
      size="md"
      id={id}
      label={label}
      description={description}
      error={error}
      withAsterisk={required ?? false}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
    >
      <Popover
        opened={open !== null}
        onChange={(opened) => !opened && setOpen(null)}
        width="target"
        position="bottom-start"
        offset={4}
        shadow="md"
        radius="md"
        withRoles={false}
        trapFocus={false}
        returnFocus={false}
        closeOnEscape={false}
      >
        <Popover.Target>
          <div className={classes.area} data-mono={mono || undefined} data-error={error ? '' : undefined}>
            <div
              className={`${classes.mirror} lined`}
              dir={mono ? 'ltr' : 'auto'}
              aria-hidden="true"
              style={{ minBlockSize: `calc(${lines} * 1.5em + 18px)` }}
            >
              {segments.map((segment) => (
                <span
                  key={segment.key}
                  data-expression={segment.expression || undefined}
                  data-wrong={segment.wrong || undefined}
                >
                  {segment.text}
                </span>
              ))}
              {'\u200b'}
            </div>
            <textarea
              ref={area}
              className="lined"
              id={id}
              dir={mono ? 'ltr' : 'auto'}
              rows={lines}
              value={value}
              maxLength={max}
              placeholder={placeholder}
              spellCheck={!mono}
              aria-label={label ? undefined : name}
              aria-invalid={error ? true : undefined}
              aria-describedby={[description ? `${id}-description` : '', error ? `${id}-error` : '', `${id}-preview`]
                .filter(Boolean)
                .join(' ')}
              aria-autocomplete="list"
              aria-controls={open && list.length > 0 ? `${id}-list` : undefined}
              aria-activedescendant={open && list[active] ? `${id}-list-${active}` : undefined}
              onChange={(event) => {
                const text = lines === 1 ? event.target.value.replace(/\s*\n\s*/g, ' ') : event.target.value
                onChange(text)
                look(text, event.target.selectionStart)
              }}
              onSelect={(event) =>
                open && !open.byButton && look(event.currentTarget.value, event.currentTarget.selectionStart)
              }
              onBlur={() => setOpen((now) => (now?.byButton ? now : null))}
              onKeyDown={onKey}
            />
            <Tooltip label={t('putIn')}>
              <ActionIcon
                size={28}
                className={classes.putIn ?? ''}
                aria-label={t('putInTo', { name: label || name || '' })}
                onClick={putIn}
              >
                <IconBraces size={16} />
              </ActionIcon>
            </Tooltip>
          </div>
        </Popover.Target>
        <Popover.Dropdown p={0} className={classes.dropdown ?? ''}>
          {open?.byButton && (
            <TextInput
              size="sm"
              p={8}
              data-autofocus
              autoFocus
              aria-label={t('findValue')}
              placeholder={t('findValue')}
              aria-controls={`${id}-list`}
              aria-activedescendant={list[active] ? `${id}-list-${active}` : undefined}
              value={open.letters}
              onChange={(event) => {
                setOpen({ ...open, letters: event.currentTarget.value })
                setActive(0)
              }}
              onKeyDown={onKey}
            />
          )}
          {open && (
            <SuggestionList id={`${id}-list`} list={list} active={active} onChoose={choose} onActive={setActive} />
          )}
        </Popover.Dropdown>
      </Popover>
      <div id={`${id}-preview`} className={classes.under}>
        {preview?.problem ? (
          <span className={classes.attention}>{preview.problem.message}</span>
        ) : preview?.result ? (
          <span className={`${classes.preview} lined`} dir="auto">
            {t('readsAs', { text: preview.result.slice(0, 300) })}
          </span>
        ) : null}
        {tooLong && (
          <span className={classes.count}>
            {t('lettersOf', { count: value.length, most: format.number(max ?? 0) })}
          </span>
        )}
      </div>
    </Input.Wrapper>
  )
}
