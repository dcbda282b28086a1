// Every kind that the program declares has a sign and says in plain words what it does; each of its fields can be filled in.
import { within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { i18next } from '@/i18n'
import { show } from '@/testing'
import declared from '../../../../dev/kinds.json'
import { PanelScopeProvider } from '../panel/context'
import { FieldView, INPUTS } from '../panel/FieldView'
import { freshItem } from '../panel/inputs/ListInputs'
import { keptBy, knownAt, samplesOf } from '../panel/variables'
import { waysOf } from '../panel/Ways'
import type { Field, Flow, Kind, Step } from '../types'
import { faces } from './faces'
import { faceOf, titleOf } from './index'

vi.mock('@tanstack/react-router', () => ({ useParams: () => ({}) }))

const kinds = declared as unknown as Kind[]
const t = i18next.getFixedT('en', 'flowsteps')
const stepOf = (kind: Kind, fields: Record<string, unknown>): Step => ({
  id: 'me',
  kind: kind.name,
  position: { x: 0, y: 0 },
  fields,
})

/** Words that owners do not use, and what a careless sentence shows. */
const FOREIGN =
  /flowsteps:|undefined|\bnull\b|\bNaN\b|\[object|\{\{|\}\}|\bnode\b|\bwebhook\b|\bJSON\b|\bHTTP\b|\bvariable\b|\barray\b|…”|:\s*$|\s{2,}/i

describe('faces', () => {
  it('there is a folder for each kind and a kind for each folder', () => {
    expect([...faces.keys()].sort()).toEqual(kinds.map((kind) => kind.name).sort())
  })

  it.each(kinds.map((kind) => [kind.name, kind] as const))('%s says what it does', (_, kind) => {
    const says = faceOf(stepOf(kind, { ...kind.defaults, ...kind.example }), kind, t)
    expect(says).toMatch(/^[\p{Lu}“]/u)
    expect(says).not.toMatch(FOREIGN)
    expect(says.split(' ').length).toBeGreaterThan(1)
    expect(says.length).toBeLessThan(260)
    expect(faces.get(kind.name)?.icon).toBeTruthy()
    expect(titleOf(stepOf(kind, {}), kind)).toBe(kind.title)
  })

  it.each(kinds.map((kind) => [kind.name, kind] as const))('a new or a broken %s has a face, too', (_, kind) => {
    const broken = [42, null, 'text {{', [1, null, 'a'], { a: [] }, [{ id: 1, title: {} }]]
    for (const fields of [
      {},
      kind.defaults,
      ...broken.map((value) => Object.fromEntries(kind.fields.map((field) => [field.name, value]))),
    ]) {
      const step = stepOf(kind, fields)
      const says = faceOf(step, kind, t)
      expect(says).not.toMatch(/flowsteps:|undefined|\[object/)
      expect(says).not.toBe('')
      keptBy(step, kind)
    }
    expect(faceOf(stepOf(kind, kind.defaults), kind, t)).not.toMatch(FOREIGN)
  })

  it('a kind of a newer version is named by its declaration, or honestly not known', () => {
    const step = { ...stepOf(kinds[0] as Kind, {}), kind: 'hologram' }
    expect(faceOf(step, undefined, t)).toBe('This version does not know this step')
    expect(faceOf(step, { ...(kinds[0] as Kind), title: 'Hologram' }, t)).toBe('Hologram')
  })
})

const flow: Flow = { id: 'f', name: 'Main', inputs: [], outputs: [], steps: [], edges: [], groups: [] }
const byName = new Map(kinds.map((kind) => [kind.name, kind]))

function Fields({ kind, fields, step }: { kind: Kind; fields: Field[]; step: Step }) {
  const known = knownAt({ ...flow, steps: [step] }, step, byName)
  return (
    <PanelScopeProvider
      value={{ botId: '', flow, step, kind, kinds: byName, flows: [], known, samples: samplesOf(known) }}
    >
      {fields.map((field) => (
        <FieldView key={field.name} field={field} value={step.fields[field.name]} onChange={() => {}} problems={[]} />
      ))}
    </PanelScopeProvider>
  )
}

describe('fields', () => {
  it.each(kinds.map((kind) => [kind.name, kind] as const))('%s can be filled in whole', (_, kind) => {
    const step = stepOf(kind, { ...kind.defaults, ...kind.example })
    const { container } = show(<Fields kind={kind} fields={kind.fields} step={step} />)
    for (const field of kind.fields) {
      expect(Object.keys(INPUTS)).toContain(field.input.input)
      const place = container.querySelector<HTMLElement>(`[data-field="${field.name}"]`)
      if (!place) throw new Error(`${kind.name}.${field.name} is not shown`)
      const controls = within(place).queryAllByRole(/textbox|combobox|switch|checkbox|radio|button/ as never)
      const all = place.querySelectorAll('input, textarea, button, [role="combobox"]')
      expect(controls.length + all.length, `${kind.name}.${field.name} has a control`).toBeGreaterThan(0)
      expect(place).toHaveTextContent(field.label)
      if (field.input.input === 'items') {
        const branch = kind.branches_from === field.name
        const item = freshItem(field.input.fields, branch)
        // What is a way needs a name that stays.
        if (branch) expect(item.id).toMatch(/^\w{8}$/)
      }
    }
  })

  it.each(kinds.map((kind) => [kind.name, kind] as const))('the ways of %s have names', (_, kind) => {
    for (const way of waysOf(flow, stepOf(kind, { ...kind.defaults, ...kind.example }), kind)) {
      expect(way.name).not.toBe('')
      if (way.name !== 'next') expect(way.title, `${kind.name}: ${way.name}`).not.toBe('')
    }
  })
})
