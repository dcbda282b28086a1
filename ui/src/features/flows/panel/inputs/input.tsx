// What every input of a field gets, and what stands around it: label, help and what is wrong.
import type { ReactNode } from 'react'
import type { Field, Finding, Input } from '../../types'
import classes from '../Panel.module.css'

export type Of<Name extends Input['input']> = Extract<Input, { input: Name }>

export type InputProps<Name extends Input['input']> = {
  field: Field
  input: Of<Name>
  value: unknown
  onChange: (value: unknown) => void
  problems: Finding[]
}

/** What is wrong, and what to do about it. */
export function Problem({ finding }: { finding: Finding }) {
  return (
    <span className={finding.severity === 'error' ? classes.wrong : classes.attention}>
      {finding.message} <strong>{finding.fix}</strong>
    </span>
  )
}

export function errorOf(problems: Finding[]): ReactNode {
  const errors = problems.filter((problem) => problem.severity === 'error')
  if (errors.length === 0) return undefined
  return errors.map((finding) => <Problem key={finding.message} finding={finding} />)
}

/** Label, help and problem as every field of Mantine takes them. */
export function wrapOf(field: Field, problems: Finding[]) {
  return {
    label: field.label,
    description: field.help || undefined,
    error: errorOf(problems),
    withAsterisk: field.required,
  }
}

export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value)
