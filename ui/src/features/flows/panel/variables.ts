// What a step can read: the values that other steps keep, what the flow is given, and what is known of customer and business.
import { spoken } from '../steps/face'
import type { Field, Flow, Kind, Step, VarType } from '../types'

export type Known = {
  /** As it is written in an expression. */
  path: string
  type: VarType
  /** `before`: kept on a way to this step; `elsewhere`: kept by steps that may not have been passed. */
  group:
    | 'before'
    | 'elsewhere'
    | 'flow'
    | 'last'
    | 'contact'
    | 'conversation'
    | 'workspace'
    | 'business'
    | 'words'
    | 'secret'
  /** In the owner's words, when the name itself does not say it. */
  label: string
  /** The step that keeps it. */
  step?: Step
  sample: unknown
}

/** Only these may send a secret out. */
export const sendsSecrets = (kind: string) => ['http', 'email', 'webhook_out'].includes(kind)

type Fixed = { path: string; type: VarType; sample: unknown }

/** Key of a label: `flowsteps:known.<path with _>`. */
export const labelKey = (path: string) => `flowsteps:known.${path.replaceAll('.', '_')}`

export const FIXED: readonly Fixed[] = [
  { path: 'last.text', type: 'text', sample: 'When are you open on Saturday?' },
  { path: 'last.kind', type: 'text', sample: 'text' },
  { path: 'last.language', type: 'text', sample: 'en' },
  { path: 'contact.name', type: 'text', sample: 'Thandi Mokoena' },
  { path: 'contact.phone', type: 'text', sample: '+27825550142' },
  { path: 'contact.email', type: 'text', sample: 'thandi@example.com' },
  { path: 'contact.language', type: 'text', sample: 'en' },
  { path: 'contact.tags', type: 'list', sample: ['regular', 'newsletter'] },
  { path: 'conversation.channel', type: 'text', sample: 'webchat' },
  { path: 'conversation.id', type: 'text', sample: '0192f0c4' },
  { path: 'business.name', type: 'text', sample: 'Fix-It Corner' },
  { path: 'business.description', type: 'text', sample: 'Phone and laptop repairs' },
  { path: 'business.currency', type: 'text', sample: 'ZAR' },
  { path: 'business.language', type: 'text', sample: 'en' },
  { path: 'words.greeting', type: 'text', sample: 'Hello, how can we help?' },
  { path: 'words.unknown', type: 'text', sample: 'I do not know that. May I ask a colleague?' },
  { path: 'words.handover', type: 'text', sample: 'A colleague will answer you soon.' },
  { path: 'words.fallback', type: 'text', sample: 'Something went wrong. A colleague will look at it.' },
]

const SAMPLES: Record<VarType, unknown> = {
  any: 'something',
  text: 'some words',
  number: 3,
  yes_no: true,
  date: '2027-03-14',
  time: '10:30',
  list: ['one', 'two'],
  object: { name: 'one' },
  file: { filename: 'photo.jpg' },
  location: { latitude: -29.86, longitude: 31.02 },
}

/** Something that reads well in a preview: by name where the name says what it is, else by type. */
export function sampleOf(name: string, type: VarType): unknown {
  if (type === 'text' || type === 'any') {
    const last = name.split(/[._]/).pop() ?? ''
    if (/^(name|customer)$/.test(last)) return 'Thandi'
    if (/mail$/.test(last)) return 'thandi@example.com'
    if (/phone$/.test(last)) return '+27 82 555 0142'
    if (/^(number|id|order|code)$/.test(last)) return '1042'
    if (/^(city|town|place)$/.test(last)) return 'Durban'
    if (/^(date|day)$/.test(last)) return SAMPLES.date
    if (/^(price|total|amount|count)$/.test(last)) return 120
  }
  return SAMPLES[type]
}

const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u

/** The names that a step keeps: its fields of input `variable`, also those inside of its lists, and what its kind always keeps. */
export function keptBy(step: Step, kind: Kind | undefined): { name: string; type: VarType }[] {
  if (!kind) return []
  const kept: { name: string; type: VarType }[] = []
  const look = (fields: Field[], values: Record<string, unknown>) => {
    for (const field of fields) {
      const value = values[field.name]
      if (field.input.input === 'variable' && typeof value === 'string' && NAME.test(value))
        kept.push({ name: value, type: field.input.of })
      if (field.input.input === 'items' && Array.isArray(value))
        for (const item of value)
          if (item !== null && typeof item === 'object') look(field.input.fields, item as Record<string, unknown>)
    }
  }
  look(kind.fields, step.fields ?? {})
  // A kind may say that it keeps what the field of that name says.
  for (const { name, type } of kind.writes) {
    const named = step.fields?.[name]
    const real = kind.fields.some((field) => field.name === name) ? named : name
    if (typeof real === 'string' && NAME.test(real) && !kept.some((other) => other.name === real))
      kept.push({ name: real, type })
  }
  return kept
}

/** Ids of the steps from which ways lead to this one, the nearest first. */
export function upstream(flow: Flow, stepId: string): string[] {
  const into = new Map<string, string[]>()
  for (const edge of flow.edges) {
    const froms = into.get(edge.to)
    if (froms) froms.push(edge.from)
    else into.set(edge.to, [edge.from])
  }
  const seen = new Set<string>([stepId])
  const order: string[] = []
  let front = [stepId]
  while (front.length > 0) {
    const next: string[] = []
    for (const id of front)
      for (const from of into.get(id) ?? []) {
        if (seen.has(from)) continue
        seen.add(from)
        order.push(from)
        next.push(from)
      }
    front = next
  }
  return order
}

/** Parts of values whose shape is always the same, with what stands in a preview. */
const PARTS: Partial<Record<string, Record<string, unknown>>> = {
  location: { address: 'Market Street 4, Durban', latitude: -29.86, longitude: 31.02 },
  error: { message: 'The web service did not answer.' },
  trigger: { phone: '+27825550142', name: 'Thandi', order: '1042' },
}

/**
 * Everything this step can read, the nearest first.
 * `secrets`: names of what is sealed, for kinds that may send it out.
 */
export function knownAt(
  flow: Flow,
  step: Step,
  kinds: ReadonlyMap<string, Kind>,
  secrets: readonly string[] = [],
): Known[] {
  const found = new Map<string, Known>()
  const steps = new Map(flow.steps.map((other) => [other.id, other]))
  const before = upstream(flow, step.id)
  const add = (other: Step, group: 'before' | 'elsewhere') => {
    // What is kept beyond the run is read with the place where it is kept before its name.
    const keep = other.fields?.keep
    const prefix = keep === 'conversation' || keep === 'workspace' ? `${keep}.` : ''
    for (const { name, type } of keptBy(other, kinds.get(other.kind))) {
      const path = prefix + name
      if (found.has(path)) continue
      const parts = PARTS[name] ?? PARTS[type]
      found.set(path, { path, type, group, label: spoken(name), step: other, sample: parts ?? sampleOf(name, type) })
      // What another program sent has parts that nobody knows beforehand.
      for (const [part, sample] of Object.entries(name === 'trigger' ? {} : (parts ?? {})))
        found.set(`${path}.${part}`, {
          path: `${path}.${part}`,
          type: typeof sample === 'number' ? 'number' : 'text',
          group,
          label: `${spoken(name)}: ${part}`,
          step: other,
          sample,
        })
    }
  }
  // A beginning already has what it was begun with.
  if (kinds.get(step.kind)?.entry) add(step, 'before')
  for (const id of before) {
    const other = steps.get(id)
    if (other) add(other, 'before')
  }
  for (const port of flow.inputs)
    if (!found.has(port.name))
      found.set(port.name, {
        path: port.name,
        type: port.type,
        group: 'flow',
        label: spoken(port.name),
        sample: sampleOf(port.name, port.type),
      })
  const passed = new Set(before)
  for (const other of flow.steps) if (!passed.has(other.id) && other.id !== step.id) add(other, 'elsewhere')
  for (const { path, type, sample } of FIXED) {
    const group = path.split('.')[0] as Known['group']
    found.set(path, { path, type, group, label: '', sample })
  }
  // Counters count over all conversations.
  for (const other of flow.steps) {
    const name = other.kind === 'counter' ? other.fields?.name : undefined
    if (typeof name === 'string' && NAME.test(name) && !found.has(`counters.${name}`))
      found.set(`counters.${name}`, {
        path: `counters.${name}`,
        type: 'number',
        group: 'workspace',
        label: spoken(name),
        step: other,
        sample: 12,
      })
  }
  // Only names of secrets are known here, never their values.
  if (sendsSecrets(step.kind))
    for (const name of secrets)
      found.set(`secret.${name}`, {
        path: `secret.${name}`,
        type: 'text',
        group: 'secret',
        label: spoken(name),
        sample: '••••',
      })
  // What the owner keeps with customers himself is known, too.
  for (const other of flow.steps) {
    if (other.kind !== 'contact_field') continue
    const name = other.fields?.field
    const path = typeof name === 'string' && NAME.test(name) ? `contact.${name}` : ''
    if (path && !found.has(path))
      found.set(path, { path, type: 'any', group: 'contact', label: spoken(path), sample: sampleOf(path, 'any') })
  }
  return [...found.values()]
}

/** Sample values for a preview, nested as expressions read them. */
export function samplesOf(known: Known[]): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const { path, sample } of known) {
    const [first = '', second] = path.split('.')
    // Parts stand in their whole already.
    if (!second) values[first] = sample
    else {
      values[first] = { ...(values[first] as Record<string, unknown> | undefined), [second]: sample }
    }
  }
  return values
}

/** A name as the program takes it: letters, digits and _; begins with a letter. */
export function nameFrom(words: string): string {
  return words
    .trim()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 60)
}
