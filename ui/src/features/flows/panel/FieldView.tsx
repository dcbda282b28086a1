// One field of a step: the input that its declaration asks for, with what is wrong beside it.
import { type ComponentType, memo } from 'react'
import type { Field, Finding, Input } from '../types'
import { CodeInput, JsonInput } from './inputs/CodeInputs'
import { CronInput } from './inputs/CronInput'
import { HoursInput } from './inputs/HoursInput'
import type { InputProps } from './inputs/input'
import { ChoicesInput, ItemsInput } from './inputs/ListInputs'
import { MediaInput } from './inputs/MediaInput'
import { FlowInput, SourcesInput, StepInput } from './inputs/ReferenceInputs'
import { RulesInput } from './inputs/RulesInput'
import { SecretInput } from './inputs/SecretInput'
import { DurationInput, ListInput, NumberInput, PickInput, ToggleInput, Warnings } from './inputs/SimpleInputs'
import { PlainInput, ValueInput, WordsInput } from './inputs/TextInputs'
import { VariableInput } from './inputs/VariableInput'
import classes from './Panel.module.css'

type Inputs = { [Name in Input['input']]: ComponentType<InputProps<Name>> }

export const INPUTS: Inputs = {
  words: WordsInput,
  plain: PlainInput,
  value: ValueInput,
  variable: VariableInput,
  number: NumberInput,
  duration: DurationInput,
  toggle: ToggleInput,
  pick: PickInput,
  list: ListInput,
  rules: RulesInput,
  choices: ChoicesInput,
  items: ItemsInput,
  media: MediaInput,
  step: StepInput,
  flow: FlowInput,
  sources: SourcesInput,
  secret: SecretInput,
  cron: CronInput,
  hours: HoursInput,
  code: CodeInput,
  json: JsonInput,
}

/** Whether a field has a meaning with what stands in the others. */
export function isShown(field: Field, values: Record<string, unknown>): boolean {
  const rule = field.shown_if
  if (!rule) return true
  return rule.is.includes(String(values[rule.field] ?? ''))
}

export const FieldView = memo(function FieldView({
  field,
  value,
  onChange,
  problems,
}: {
  field: Field
  value: unknown
  onChange: (value: unknown) => void
  problems: Finding[]
}) {
  // The table above holds for each name the component of that name's input.
  const View = INPUTS[field.input.input] as ComponentType<InputProps<Input['input']>>
  return (
    <div className={classes.field} data-field={field.name}>
      <View field={field} input={field.input} value={value} onChange={onChange} problems={problems} />
      <Warnings problems={problems} />
    </div>
  )
})
