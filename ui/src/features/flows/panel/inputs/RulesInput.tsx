// Rules in sentences: what is looked at, how, and against what. All of them, or at least one.
import { Button, Input, SegmentedControl, Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { record } from '../../steps/face'
import { OPS, type RuleData, rulesOf, UNARY } from '../../steps/rules'
import { usePanelScope } from '../context'
import { ExpressionField } from '../ExpressionField'
import classes from '../Panel.module.css'
import { Rows } from '../Rows'
import { labelKey } from '../variables'
import { type InputProps, wrapOf } from './input'

const MOST = 20
const OWN = '\u0000own'
const fresh = (): RuleData => ({ left: '{{ last.text }}', op: 'contains', right: '' })

export function RulesInput({ field, value, onChange, problems }: InputProps<'rules'>) {
  const { t } = useTranslation('flowsteps')
  const raw = record(value) ?? {}
  const all = rulesOf(raw.all)
  const any = rulesOf(raw.any)
  const [both, setBoth] = useState(all.length > 0 && any.length > 0)
  const [wish, setWish] = useState<'all' | 'any'>(all.length === 0 && any.length > 0 ? 'any' : 'all')
  const mode = both ? 'both' : any.length > 0 && all.length === 0 ? 'any' : all.length > 0 ? 'all' : wish
  const set = (next: { all?: RuleData[]; any?: RuleData[] }) => onChange({ all, any, ...next })
  const part = (name: 'all' | 'any') => (
    <Rows
      list={name === 'all' ? all : any}
      // Rules have no names; when one goes, the others are drawn anew.
      keyOf={(_, i) => `${name === 'all' ? all.length : any.length}-${i}`}
      nameOf={(_, i) => t('ruleNumber', { number: i + 1 })}
      fresh={fresh}
      copy={(rule) => ({ ...rule })}
      most={MOST}
      addLabel={t('addRule')}
      onChange={(list) => set({ [name]: list })}
    >
      {(rule, change, i) => <RuleFields rule={rule} onChange={change} number={i + 1} />}
    </Rows>
  )
  return (
    <Input.Wrapper size="md" {...wrapOf(field, problems)} labelElement="div">
      <fieldset className={`${classes.bare} ${classes.stack}`} aria-label={field.label}>
        {mode === 'both' ? (
          <>
            <p className={classes.hint}>{t('rulesAll')}</p>
            {part('all')}
            <p className={classes.hint}>{t('rulesAlsoAny')}</p>
            {part('any')}
          </>
        ) : (
          <>
            {all.length + any.length > 1 && (
              <SegmentedControl
                fullWidth
                aria-label={t('rulesHow')}
                data={[
                  { value: 'all', label: t('rulesAllShort') },
                  { value: 'any', label: t('rulesAnyShort') },
                ]}
                value={mode}
                onChange={(next) => {
                  const rules = [...all, ...any]
                  setWish(next === 'any' ? 'any' : 'all')
                  onChange(next === 'any' ? { all: [], any: rules } : { all: rules, any: [] })
                }}
              />
            )}
            {part(mode)}
            {all.length + any.length > 1 && (
              <Button variant="subtle" size="compact-sm" className="flush" onClick={() => setBoth(true)}>
                {t('rulesBoth')}
              </Button>
            )}
          </>
        )}
      </fieldset>
    </Input.Wrapper>
  )
}

const PATH = /^\{\{\s*([\p{L}\p{N}_.]+)\s*\}\}$/u

function RuleFields({
  rule,
  onChange,
  number,
}: {
  rule: RuleData
  onChange: (rule: RuleData) => void
  number: number
}) {
  const { t } = useTranslation('flowsteps')
  const { known } = usePanelScope()
  const path = PATH.exec(rule.left)?.[1] ?? ''
  const [own, setOwn] = useState(rule.left !== '' && !known.some((one) => one.path === path))
  const name = t('ruleNumber', { number })
  return (
    <div className={classes.stack}>
      <Select
        aria-label={t('ruleLeft', { name })}
        searchable
        nothingFoundMessage={t('nothingFits')}
        data={[
          ...known.map((one) => ({ value: one.path, label: one.label || t(labelKey(one.path)) })),
          { value: OWN, label: t('ruleOwn') },
        ]}
        value={own ? OWN : path || null}
        onChange={(next) => {
          setOwn(next === OWN)
          if (next && next !== OWN) onChange({ ...rule, left: `{{ ${next} }}` })
        }}
      />
      {own && (
        <ExpressionField
          name={t('ruleLeft', { name })}
          value={rule.left}
          preview={false}
          onChange={(left) => onChange({ ...rule, left })}
        />
      )}
      <Select
        aria-label={t('ruleOp', { name })}
        data={OPS.map((op) => ({ value: op, label: t(`flowsteps:op.${op}`) }))}
        value={rule.op || null}
        searchable
        nothingFoundMessage={t('nothingFits')}
        onChange={(op) => op && onChange({ ...rule, op })}
      />
      {!UNARY.includes(rule.op) && (
        <ExpressionField
          name={t('ruleRight', { name })}
          placeholder={t('ruleRightHint')}
          value={rule.right}
          preview={false}
          onChange={(right) => onChange({ ...rule, right })}
        />
      )}
    </div>
  )
}
