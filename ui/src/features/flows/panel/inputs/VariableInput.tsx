// The name under which a step keeps something: one that is there already, or a new one, written as the program takes it.
import { Autocomplete } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { usePanelScope } from '../context'
import { nameFrom } from '../variables'
import { type InputProps, textOf, wrapOf } from './input'

const FREE = /^[\p{L}_][\p{L}\p{N}_]*$/u

export function VariableInput({ field, value, onChange, problems }: InputProps<'variable'>) {
  const { t } = useTranslation('flowsteps')
  const { known } = usePanelScope()
  const names = useMemo(() => known.filter((one) => !one.path.includes('.')).map((one) => one.path), [known])
  const name = textOf(value)
  return (
    <Autocomplete
      {...wrapOf(field, problems)}
      size="md"
      data={[...new Set(names)]}
      value={name}
      maxLength={60}
      dir="ltr"
      autoComplete="off"
      spellCheck={false}
      placeholder={t('namePlaceholder')}
      comboboxProps={{ shadow: 'md' }}
      onChange={(text) => onChange(text.replace(/[\s-]+/g, '_'))}
      // "Order number" becomes order_number as soon as it is left.
      onBlur={() => {
        if (name && !FREE.test(name)) onChange(nameFrom(name))
      }}
    />
  )
}
