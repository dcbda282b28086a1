// The panel as an owner uses it: every input keeps what is chosen, problems stand beside their field, all of it by keyboard.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it, vi } from 'vitest'
import { show } from '@/testing'
import type { Field, Finding, Flow, Kind, Step } from '../types'
import { StepPanel } from './StepPanel'

vi.mock('@tanstack/react-router', () => ({ useParams: () => ({}) }))

const field = (name: string, input: Field['input'], extra: Partial<Field> = {}): Field => ({
  name,
  label: name,
  help: '',
  required: false,
  input,
  ...extra,
})

const closed = vi.fn()

function Panel({
  fields,
  values,
  findings = [],
  heard,
}: {
  fields: Field[]
  values: Record<string, unknown>
  findings?: Finding[]
  heard: (step: Step) => void
}) {
  const kind: Kind = {
    name: 'thing',
    group: 'logic',
    title: 'Thing',
    help: 'Does a thing.',
    fields,
    branches: [{ name: 'next', title: 'Then', needed: true }],
    branches_from: 'choices',
    outside: false,
    entry: false,
    writes: [],
    defaults: {},
    example: {},
    example_says: '',
    channels: [],
  }
  const [step, setStep] = useState<Step>({ id: 's', kind: 'thing', position: { x: 0, y: 0 }, fields: values })
  const flow: Flow = {
    id: 'f',
    name: 'Main',
    inputs: [{ name: 'city', type: 'text' }],
    outputs: [],
    groups: [],
    steps: [step],
    edges: [],
  }
  return (
    <StepPanel
      flow={flow}
      step={step}
      kind={kind}
      kinds={[kind]}
      findings={findings}
      flows={[]}
      onChange={(next) => {
        heard(next)
        setStep(next)
      }}
      onClose={closed}
    />
  )
}

function open(fields: Field[], values: Record<string, unknown> = {}, findings: Finding[] = []) {
  let latest: Step | null = null
  show(<Panel fields={fields} values={values} findings={findings} heard={(step) => (latest = step)} />)
  return () => (latest as Step | null)?.fields
}

it('a value is put into a text by keyboard alone', async () => {
  const now = open([field('text', { input: 'words', max: 100, lines: 2 })], { text: 'In ' })
  await userEvent.click(screen.getByRole('textbox', { name: 'text' }))
  await userEvent.keyboard('{End}{{{{ci')
  expect(screen.getByRole('option', { name: /city/ })).toHaveAttribute('aria-selected', 'true')
  await userEvent.keyboard('{Enter}!')
  expect(now()).toEqual({ text: 'In {{ city }}!' })
})

it('the list closes with Escape and leaves the panel open', async () => {
  open([field('text', { input: 'words', max: 100, lines: 2 })], { text: '' })
  await userEvent.click(screen.getByRole('textbox', { name: 'text' }))
  await userEvent.keyboard('{{{{')
  expect(screen.getByRole('listbox')).toBeVisible()
  await userEvent.keyboard('{Escape}')
  expect(screen.queryByRole('listbox')).toBeNull()
  expect(screen.getByRole('textbox', { name: 'text' })).toHaveFocus()
})

it('Escape closes an open list first, then the panel', async () => {
  closed.mockClear()
  open([field('op', { input: 'pick', options: ['a', 'b', 'c', 'd'].map((value) => ({ value, label: value })) })], {
    op: 'a',
  })
  await userEvent.click(screen.getByRole('combobox', { name: 'op' }))
  await userEvent.keyboard('{Escape}')
  expect(closed).not.toHaveBeenCalled()
  await userEvent.keyboard('{Escape}')
  expect(closed).toHaveBeenCalledOnce()
})

it('a length of time keeps its milliseconds when the number changes', async () => {
  const now = open([field('wait', { input: 'duration', min_ms: 1000, max_ms: 86_400_000 })], { wait: 7_200_000 })
  const number = screen.getByRole('textbox', { name: 'wait: how long' })
  expect(number).toHaveValue('2')
  await userEvent.clear(number)
  await userEvent.type(number, '3')
  expect(now()).toEqual({ wait: 10_800_000 })
})

it('choices are added, named and put in order, and keep the ids that are their ways', async () => {
  const now = open([field('choices', { input: 'choices', max: 3, descriptions: false })], {
    choices: [{ id: 'a', title: 'Prices' }],
  })
  await userEvent.click(screen.getByRole('button', { name: 'Add a choice' }))
  await userEvent.keyboard('Hours')
  const added = (now()?.choices as { id: string; title: string }[] | undefined)?.[1]
  expect(added).toMatchObject({ title: 'Hours', id: expect.stringMatching(/^\w{8}$/) })
  await userEvent.click(screen.getByRole('button', { name: 'More about Hours' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Move up' }))
  expect(now()?.choices).toEqual([added, { id: 'a', title: 'Prices' }])
})

it('rules that compare with nothing ask for nothing', async () => {
  open([field('rules', { input: 'rules' })], {
    rules: { all: [{ left: '{{ last.text }}', op: 'is_yes', right: '' }], any: [] },
  })
  expect(screen.getByRole('combobox', { name: 'Rule 1: how' })).toHaveValue('means yes')
  expect(screen.queryByRole('textbox', { name: 'Rule 1: compared with' })).toBeNull()
})

it('problems stand beside their field; those of no field stand on top', () => {
  const finding = { step: 's', fix: 'Write something.' }
  open([field('text', { input: 'words', max: 100, lines: 1 })], { text: '' }, [
    { ...finding, severity: 'error', field: 'text', message: 'This text is empty.' },
    { ...finding, severity: 'warning', message: 'Nothing follows.' },
    { ...finding, severity: 'error', step: 'another', message: 'Not mine.' },
  ])
  expect(screen.getByRole('textbox', { name: 'text' })).toHaveAccessibleDescription(/This text is empty/)
  expect(screen.getByRole('list', { name: 'What needs a look' })).toHaveTextContent('Nothing follows.')
  expect(screen.queryByText('Not mine.')).toBeNull()
})

it('fields without a meaning are not shown, and come back with it', async () => {
  open(
    [
      field('how', {
        input: 'pick',
        options: [
          { value: 'now', label: 'Now' },
          { value: 'later', label: 'Later' },
        ],
      }),
      field('when', { input: 'plain', max: 10, lines: 1 }, { shown_if: { field: 'how', is: ['later'] } }),
    ],
    { how: 'now' },
  )
  expect(screen.queryByRole('textbox', { name: 'when' })).toBeNull()
  await userEvent.click(screen.getByRole('radio', { name: 'Later' }))
  expect(screen.getByRole('textbox', { name: 'when' })).toBeVisible()
})

it('a name becomes one that the program takes', async () => {
  const now = open([field('into', { input: 'variable', of: 'text' })], { into: '' })
  await userEvent.type(screen.getByRole('combobox', { name: 'into' }), '2 Order number')
  await userEvent.tab()
  expect(now()).toEqual({ into: 'order_number' })
})

it('data that cannot be read yet is not kept, and not lost', async () => {
  const now = open([field('data', { input: 'json' })], { data: { a: 1 } })
  const box = screen.getByRole('textbox', { name: 'data' })
  await userEvent.clear(box)
  await userEvent.type(box, '{{"b"')
  expect(box).toHaveAccessibleDescription(/cannot be read/)
  await userEvent.type(box, ':2}')
  expect(now()).toEqual({ data: { b: 2 } })
})

it('a secret is kept under a name, and only its name comes into the flow', async () => {
  const sent: [string, unknown][] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (init.method === 'PUT') sent.push([url, JSON.parse(String(init.body))])
    return init.method === 'PUT' ? new Response(null, { status: 204 }) : new Response('{"items":[]}', { status: 200 })
  })
  const now = open([field('key', { input: 'secret' })], { key: '' })
  await userEvent.click(screen.getByRole('button', { name: 'Keep a new secret' }))
  await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), 'Shop key')
  await userEvent.type(screen.getByLabelText('Secret'), 'abc123')
  await userEvent.click(screen.getByRole('button', { name: 'Keep it' }))
  await vi.waitFor(() => expect(now()).toEqual({ key: 'shop_key' }))
  expect(sent).toEqual([['/api/secrets/shop_key', { value: 'abc123' }]])
  vi.unstubAllGlobals()
})
