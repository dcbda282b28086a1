// The simulator as an owner meets it: what is typed is played, stepping back leads elsewhere, outside things are played by hand.
import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { show } from '@/testing'
import type { Flow, Kind, Line, Simulated, Simulation } from '../types'
import { Pending } from './Pending'
import { placesIn } from './places'
import { Simulator } from './Simulator'

afterEach(() => vi.unstubAllGlobals())

const kind = (name: string, part: Partial<Kind> = {}): Kind => ({
  name,
  group: 'logic',
  title: name,
  help: '',
  fields: [],
  branches: [],
  outside: false,
  entry: false,
  writes: [],
  defaults: {},
  example: {},
  example_says: '',
  channels: [],
  ...part,
})
const flow = (id: string): Flow => ({
  id,
  name: 'Main',
  inputs: [],
  outputs: [],
  edges: [],
  groups: [],
  steps: [{ id: 's1', kind: 'ask_choice', title: 'What to do', position: { x: 0, y: 0 }, fields: {} }],
})

/** A program that repeats what it hears, and asks a model once. */
function program() {
  const asked: Simulation[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (!url.endsWith('/simulation')) return new Response(JSON.stringify({ revision: 1 }))
    const script = JSON.parse(String(init.body)) as Simulation
    asked.push(script)
    const known = script.actions.some((action) => action.do === 'outcome')
    const actions = known ? script.actions : [...script.actions, { do: 'outcome' as const, seq: 1, outcome: {} }]
    const lines = actions.flatMap((action, i): Line[] =>
      action.do === 'say'
        ? [
            { at: 1_000 * i, action: i, who: 'customer', content: { kind: 'text', text: action.text } },
            { at: 1_000 * i, action: i, who: 'bot', content: { kind: 'text', text: `You said ${action.text}` } },
          ]
        : [],
    )
    const answer: Simulated = {
      actions,
      now: 5_000,
      status: 'waiting',
      lines,
      path: [{ flow: script.flow ?? '', step: 's1', branch: null, at: 0, action: 0 }],
      variables: { size: 'large' },
      contact: {},
      waits: { for: 'reply', step: 's1' },
      pending: [],
      window_open: true,
    }
    return new Response(JSON.stringify(answer))
  })
  return asked
}

describe('simulator', () => {
  it('plays what is typed, lights the path, and takes another way after a step back', async () => {
    const asked = program()
    const path = vi.fn()
    show(<Simulator botId="b" flow={flow('f1')} kinds={[kind('ask_choice')]} onPath={path} onClose={() => {}} />)
    const field = screen.getByRole('textbox', { name: 'Write as the customer' })
    await userEvent.type(field, 'one{Enter}')
    const log = screen.getByRole('log')
    await within(log).findByText('You said one')
    expect(path).toHaveBeenLastCalledWith([{ step: 's1' }])
    await userEvent.type(field, 'two{Enter}')
    await within(log).findByText('You said two')
    // What the model gave goes along, so that it is not asked again.
    expect(asked.at(-1)?.actions.map((action) => action.do)).toEqual(['say', 'outcome', 'say'])
    await userEvent.click(screen.getByRole('button', { name: 'One step back' }))
    await waitFor(() => expect(within(log).queryByText('You said two')).toBeNull())
    await userEvent.type(field, 'three{Enter}')
    await within(log).findByText('You said three')
    expect(screen.getByRole('combobox', { name: 'What was tried' })).toHaveValue('Try 2')
  })
  it('lets a value be changed and time pass as deeds of the talk', async () => {
    const asked = program()
    show(<Simulator botId="b" flow={flow('f2')} kinds={[kind('ask_choice')]} onPath={() => {}} onClose={() => {}} />)
    await userEvent.click(screen.getByRole('button', { name: 'Say hello' }))
    await screen.findByText('You said Hello')
    await userEvent.click(screen.getByRole('radio', { name: 'Values' }))
    await userEvent.click(screen.getByRole('button', { name: 'Change size' }))
    await userEvent.clear(screen.getByRole('textbox', { name: 'size' }))
    await userEvent.type(screen.getByRole('textbox', { name: 'size' }), 'small{Enter}')
    await waitFor(() => expect(asked.at(-1)?.actions.at(-1)).toEqual({ do: 'set', name: 'size', value: 'small' }))
    await userEvent.click(screen.getByRole('button', { name: 'Let time pass' }))
    await userEvent.click(await screen.findByRole('button', { name: '1 hour' }))
    await waitFor(() => expect(asked.at(-1)?.actions.at(-1)).toEqual({ do: 'pass', ms: 3_600_000 }))
  })
  it('says what failed and tries again', async () => {
    vi.stubGlobal(
      'fetch',
      async () => new Response(JSON.stringify({ code: 'invalid', message: 'Too long.' }), { status: 400 }),
    )
    show(<Simulator botId="b" flow={flow('f3')} kinds={[]} onPath={() => {}} onClose={() => {}} />)
    await userEvent.click(screen.getByRole('button', { name: 'Say hello' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Too long.')
    program()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText('You said Hello')).toBeVisible()
  })
})

describe('what waits outside', () => {
  const item = (effect: string) => [{ seq: 7, step: 's1', effect, says: 'Asks the shop' }]
  it('is answered by hand in the form in which the program takes it', async () => {
    const act = vi.fn()
    show(<Pending pending={item('http')} places={placesIn(flow('f'), [])} kinds={[]} onAct={act} />)
    await userEvent.type(screen.getByLabelText('What the website sends back'), '{{"ready":true}')
    await userEvent.click(screen.getByRole('button', { name: 'Go on with this' }))
    expect(act).toHaveBeenCalledWith({
      do: 'outcome',
      seq: 7,
      outcome: { outcome: 'response', status: 200, body: { ready: true } },
    })
  })
  it('may know nothing, and may fail', async () => {
    const act = vi.fn()
    show(<Pending pending={item('answer')} places={placesIn(flow('f'), [])} kinds={[]} onAct={act} />)
    await userEvent.click(screen.getByRole('button', { name: 'It knows nothing' }))
    expect(act).toHaveBeenLastCalledWith({ do: 'outcome', seq: 7, outcome: { outcome: 'unknown', detail: {} } })
    await userEvent.click(screen.getByRole('button', { name: 'Let it fail' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'The model does not answer' }))
    expect(act).toHaveBeenLastCalledWith({ do: 'fail', seq: 7, how: 'model' })
  })
})
