// Words: with values put in, without, and a single value.
import { Textarea, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ExpressionField } from '../ExpressionField'
import { errorOf, type InputProps, textOf, wrapOf } from './input'

export function WordsInput({ field, input, value, onChange, problems }: InputProps<'words'>) {
  return (
    <ExpressionField
      label={field.label}
      description={field.help}
      error={errorOf(problems)}
      required={field.required}
      value={textOf(value)}
      onChange={onChange}
      lines={input.lines}
      max={input.max}
      problems={problems}
    />
  )
}

export function PlainInput({ field, input, value, onChange, problems }: InputProps<'plain'>) {
  const common = {
    ...wrapOf(field, problems),
    value: textOf(value),
    maxLength: input.max,
    dir: 'auto',
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  }
  return input.lines > 1 ? <Textarea {...common} minRows={input.lines} maxRows={14} /> : <TextInput {...common} />
}

export function ValueInput({ field, input, value, onChange, problems }: InputProps<'value'>) {
  const { t } = useTranslation('flowsteps')
  const isText = typeof value === 'string'
  return (
    <ExpressionField
      label={field.label}
      description={field.help}
      error={errorOf(problems)}
      required={field.required}
      value={textOf(value)}
      // Numbers stay numbers when only digits of one change.
      onChange={(text) => onChange(!isText && value !== undefined && value !== null ? dataOf(text) : text)}
      placeholder={t(`flowsteps:valueOf.${input.of}`)}
      problems={problems}
    />
  )
}

function dataOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
