// For those who write programs: code, and data in the notation of programs.
import { Textarea } from '@mantine/core'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from '../Panel.module.css'
import { type InputProps, wrapOf } from './input'

const mono = { input: classes.mono ?? '' }

/** A new line begins where the one before begins. Tab stays the key that leads out of the field. */
function indent(event: KeyboardEvent<HTMLTextAreaElement>, set: (text: string) => void) {
  if (event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return
  const area = event.currentTarget
  const { selectionStart: from, selectionEnd: to, value } = area
  const line = value.slice(value.lastIndexOf('\n', from - 1) + 1, from)
  const space = /^\s*/.exec(line)?.[0] ?? ''
  const put = `\n${space}${/[{[(]\s*$/.test(line) ? '  ' : ''}`
  if (put === '\n') return
  event.preventDefault()
  set(value.slice(0, from) + put + value.slice(to))
  requestAnimationFrame(() => area.setSelectionRange(from + put.length, from + put.length))
}

export function CodeInput({ field, value, onChange, problems }: InputProps<'code'>) {
  return (
    <Textarea
      {...wrapOf(field, problems)}
      classNames={mono}
      dir="ltr"
      spellCheck={false}
      autoComplete="off"
      minRows={8}
      maxRows={24}
      maxLength={65_536}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => indent(event, onChange)}
    />
  )
}

/** A value that is one expression stands without quotation marks. */
const ALONE = /^\s*\{\{[^{}]*\}\}\s*$/

function written(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' && ALONE.test(value) ? value : JSON.stringify(value, null, 2)
}

/** Kept as data as soon as it can be read; until then the words stay here, with what is wrong. */
export function JsonInput({ field, value, onChange, problems }: InputProps<'json'>) {
  const { t } = useTranslation('flowsteps')
  const [text, setText] = useState(() => written(value))
  const sent = useRef(value)
  useEffect(() => {
    // News from outside (undo, another step's copy) replaces what is written; our own does not.
    if (value !== sent.current) setText(written(value))
    sent.current = value
  }, [value])
  const [wrong, setWrong] = useState(false)
  const set = (next: string) => {
    setText(next)
    let read: unknown = next.trim() === '' ? undefined : next
    let bad = false
    if (read !== undefined && !ALONE.test(next)) {
      try {
        read = JSON.parse(next)
      } catch {
        bad = true
      }
    }
    setWrong(bad)
    if (bad) return
    sent.current = read
    onChange(read)
  }
  const wrap = wrapOf(field, problems)
  return (
    <Textarea
      {...wrap}
      error={wrong ? t('jsonWrong') : wrap.error}
      classNames={mono}
      dir="ltr"
      spellCheck={false}
      autoComplete="off"
      minRows={4}
      maxRows={20}
      maxLength={65_536}
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
      onKeyDown={(event) => indent(event, set)}
    />
  )
}
