// Lists of small forms: the choices that a customer is offered, and whatever else a kind keeps several of.
import { Input } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { newId } from '@/lib/id'
import { record } from '../../steps/face'
import type { Field } from '../../types'
import { usePanelScope } from '../context'
import { ExpressionField } from '../ExpressionField'
import { FieldView, isShown } from '../FieldView'
import classes from '../Panel.module.css'
import { Rows } from '../Rows'
import { type InputProps, textOf, wrapOf } from './input'

type Item = Record<string, unknown>
export const shortId = () => newId().slice(0, 8)
const itemsOf = (value: unknown): Item[] =>
  Array.isArray(value) ? value.map(record).filter((item): item is Item => item !== null) : []

export function ChoicesInput({ field, input, value, onChange, problems }: InputProps<'choices'>) {
  const { t } = useTranslation('flowsteps')
  const list = itemsOf(value)
  return (
    <Input.Wrapper size="md" {...wrapOf(field, problems)} labelElement="div">
      <fieldset className={classes.bare} aria-label={field.label}>
        <Rows
          list={list}
          keyOf={(item, i) => textOf(item.id) || String(i)}
          nameOf={(item, i) => textOf(item.title) || String(i + 1)}
          fresh={() => ({ id: shortId(), title: '' })}
          copy={(item) => ({ ...item, id: shortId() })}
          most={input.max}
          addLabel={t('addChoice')}
          compact={!input.descriptions}
          onChange={onChange}
        >
          {(item, set, i) => (
            <>
              <ExpressionField
                name={t('choiceTitle', { number: i + 1 })}
                placeholder={t('choiceTitle', { number: i + 1 })}
                value={textOf(item.title)}
                preview={false}
                onChange={(title) => set({ ...item, title })}
              />
              {input.descriptions && (
                <ExpressionField
                  name={t('choiceText', { number: i + 1 })}
                  placeholder={t('choiceTextHint')}
                  value={textOf(item.description)}
                  preview={false}
                  onChange={(description) => {
                    const { description: _, ...rest } = item
                    set(description ? { ...rest, description } : rest)
                  }}
                />
              )}
            </>
          )}
        </Rows>
      </fieldset>
    </Input.Wrapper>
  )
}

/** A new item begins with what its inputs show anyway. */
export function freshItem(fields: Field[], branch: boolean): Item {
  const item: Item = branch ? { id: shortId() } : {}
  for (const { name, input } of fields) {
    if (name === 'id') item.id = shortId()
    else if (input.input === 'pick') item[name] = input.options[0]?.value
    else if (input.input === 'toggle') item[name] = false
    else if (input.input === 'rules') item[name] = { all: [], any: [] }
    else if (['list', 'choices', 'items', 'sources'].includes(input.input)) item[name] = []
    else if (['words', 'plain', 'value', 'variable'].includes(input.input)) item[name] = ''
  }
  return item
}

export function ItemsInput({ field, input, value, onChange, problems }: InputProps<'items'>) {
  const { t } = useTranslation('flowsteps')
  const { kind } = usePanelScope()
  const branch = kind?.branches_from === field.name
  const list = itemsOf(value)
  // Ids are ways; nobody has to see them.
  const fields = input.fields.filter((inner) => inner.name !== 'id')
  const nameOf = (item: Item, i: number) =>
    textOf(item.title) ||
    textOf(item.name) ||
    t('nounNumber', { noun: input.noun.charAt(0).toLocaleUpperCase() + input.noun.slice(1), number: i + 1 })
  return (
    <Input.Wrapper size="md" {...wrapOf(field, problems)} labelElement="div">
      <fieldset className={classes.bare} aria-label={field.label}>
        <Rows
          list={list}
          keyOf={(item, i) => textOf(item.id) || String(i)}
          nameOf={nameOf}
          fresh={() => freshItem(input.fields, branch)}
          copy={(item) => ('id' in item ? { ...item, id: shortId() } : { ...item })}
          most={input.max}
          addLabel={t('addNoun', { noun: input.noun })}
          headed
          onChange={onChange}
        >
          {(item, set) => (
            <div className={classes.fields}>
              {fields
                .filter((inner) => isShown(inner, item))
                .map((inner) => (
                  <FieldView
                    key={inner.name}
                    field={inner}
                    value={item[inner.name]}
                    onChange={(next) => set({ ...item, [inner.name]: next })}
                    problems={[]}
                  />
                ))}
            </div>
          )}
        </Rows>
      </fieldset>
    </Input.Wrapper>
  )
}
