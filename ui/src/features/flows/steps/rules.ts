// Rules as sentences: "the city is “Durban” and the customer said yes".
import { plain, record, shorten, spoken, type Words } from './face'

export type RuleData = { left: string; op: string; right: string }

export const OPS = [
  'equals',
  'not_equals',
  'contains',
  'not_contains',
  'starts_with',
  'ends_with',
  'matches',
  'greater',
  'less',
  'at_least',
  'at_most',
  'before',
  'after',
  'is_empty',
  'is_not_empty',
  'is_greeting',
  'is_thanks',
  'is_yes',
  'is_no',
] as const

/** They need nothing to compare with. */
export const UNARY: readonly string[] = ['is_empty', 'is_not_empty', 'is_greeting', 'is_thanks', 'is_yes', 'is_no']

const text = (value: unknown) =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value)

export function rulesOf(value: unknown): RuleData[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one) => {
    const rule = record(one)
    return rule ? [{ left: text(rule.left), op: text(rule.op), right: text(rule.right) }] : []
  })
}

function ruleWords({ left, op, right }: RuleData, t: Words): string {
  const said = /^\{\{\s*last\.text\s*\}\}$/.test(left)
  if (said && ['is_greeting', 'is_thanks', 'is_yes', 'is_no', 'is_empty'].includes(op)) return t(`flowsteps:rule.${op}`)
  const what = said ? t('flowsteps:rule.said') : t('flowsteps:rule.the', { what: spoken(left) || '…' })
  return t('flowsteps:rule.compare', {
    what,
    op: t(`flowsteps:op.${(OPS as readonly string[]).includes(op) ? op : 'equals'}`),
    right: UNARY.includes(op) ? '' : `“${shorten(plain(right), 40)}”`,
  }).trim()
}

/** '' when there are no rules. */
export function rulesWords(value: unknown, t: Words): string {
  const rules = record(value) ?? {}
  const join = (list: RuleData[], between: string) => list.map((rule) => ruleWords(rule, t)).join(between)
  return [join(rulesOf(rules.all), t('flowsteps:rule.and')), join(rulesOf(rules.any), t('flowsteps:rule.or'))]
    .filter(Boolean)
    .join(t('flowsteps:rule.and'))
}
