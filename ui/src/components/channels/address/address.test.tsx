// The public address as an owner meets it, in the settings and in the steps to WhatsApp.
import { act, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PublicAddress, Tunnel } from '@/api/types'
import { AddressForm } from '@/components/channels/AddressForm'
import { statusLines } from '@/components/StatusFoot'
import { noAddress as none, show } from '@/testing'
import { AddressStatus } from './AddressStatus'
import { Ways } from './Ways'

vi.mock('@tanstack/react-router', () => ({ Link: (props: object) => <a {...props} href="/x" /> }))
afterEach(() => vi.unstubAllGlobals())

const NOON = Date.UTC(2026, 10, 21, 12)
const up: Tunnel = {
  state: 'up',
  sentence: 'The tunnel runs.',
  fix: null,
  until: null,
  lines: ['INF ready'],
  restarts: 2,
  since: NOON,
}
const reached: PublicAddress = {
  ...none,
  way: 'cloudflared',
  url: 'https://calm-blue-river.trycloudflare.com',
  state: 'proven',
  sentence: 'This address reaches BotFlow from outside.',
  proven_at: NOON,
  round_trip_ms: 182,
  tunnel: up,
  checks_today: 212,
  reachable_today: 0.9953,
  round_trip_p50_ms: 180,
}
const PROGRAMS = [
  { way: 'cloudflared', found: '/usr/bin/cloudflared', version: '2026.10.1', advice: 'Install cloudflared.' },
  { way: 'ngrok', found: null, version: null, advice: 'Download ngrok from its site.' },
  { way: 'tailscale', found: null, version: null, advice: 'Install tailscale.' },
]

type Refusal = {
  status: number
  body: { code: string; message: string; fields?: { field: string; message: string }[] }
}
let sent: [string, string, unknown][] = []
let address: PublicAddress = none
/** What the program answers to a change: the address after it, or why not. */
let next: PublicAddress | Refusal = none

beforeEach(() => {
  sent = []
  address = none
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (url.endsWith('/ways')) return new Response(JSON.stringify({ items: PROGRAMS }))
    if (init.method === 'GET') return new Response(JSON.stringify(address))
    sent.push([init.method ?? '', url, init.body ? JSON.parse(String(init.body)) : null])
    if ('status' in next) return new Response(JSON.stringify(next.body), { status: next.status })
    address = next
    return new Response(JSON.stringify(next))
  })
})

async function flawless() {
  const { violations } = await axe.run(document.body, { rules: { region: { enabled: false } } })
  expect(violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join()}`)).toEqual([])
}
const card = (name: string) => screen.getByRole('radio', { name })

describe('how it stands', () => {
  it('says it in one sentence, with how much of today it was reached', async () => {
    show(<AddressStatus address={reached} />)
    expect(screen.getAllByRole('status')[0]).toHaveTextContent('ReachableThis address reaches BotFlow from outside.')
    expect(screen.getByText('https://calm-blue-river.trycloudflare.com')).toBeVisible()
    // 99.53 % is not rounded up.
    expect(screen.getByText('Reached 99% of today’s 212 checks, usually in 180 ms.')).toBeVisible()
    expect(screen.getByText(/there and back in 182 ms/)).toBeVisible()
    expect(screen.getByText('Started anew 2 times.')).toBeVisible()
    await flawless()
    // 0.29 times 100 is a little less than 29 to a computer.
    show(<AddressStatus address={{ ...reached, checks_today: 100, reachable_today: 0.29 }} />)
    expect(screen.getByText(/^Reached 29% of today’s 100 checks/)).toBeVisible()
  })

  it('is called again when asked, and those who cannot see hear how that went', async () => {
    next = { ...reached, state: 'failed', sentence: 'Nothing answered.', fix: 'Look at the router.' }
    show(<AddressStatus address={reached} />)
    await userEvent.click(screen.getByRole('button', { name: 'Check now' }))
    expect(sent).toEqual([['POST', '/api/public-address/prove', null]])
    await waitFor(() => expect(screen.getByText(/^Checked: /)).toHaveAttribute('role', 'status'))
  })

  it('shows what a program said that gave up for now, and tries at once when asked', async () => {
    const waiting: Tunnel = {
      ...up,
      state: 'waiting',
      sentence: 'The tunnel ended. It is started again at 14:05.',
      lines: ['INF begin', 'ERR invalid token'],
    }
    const at: PublicAddress = { ...reached, state: 'failed', sentence: 'Nothing answered.', tunnel: waiting }
    next = { ...at, tunnel: { ...waiting, state: 'starting', sentence: 'The tunnel starts.' } }
    show(<AddressStatus address={at} />)
    const status = screen.getAllByRole('status')[0]
    expect(status).toHaveTextContent('WaitingThe tunnel ended. It is started again at 14:05.')
    expect(status).not.toHaveTextContent('Nothing answered.')
    expect(screen.queryByRole('button', { name: 'Check now' })).toBeNull()
    await userEvent.click(screen.getByText('What the program said last'))
    expect(screen.getByText(/ERR invalid token/)).toHaveTextContent('INF begin ERR invalid token')
    await flawless()
    await userEvent.click(screen.getByRole('button', { name: 'Try now' }))
    expect(sent).toEqual([['POST', '/api/public-address/restart', null]])
  })

  it('says until when a tunnel waits', () => {
    const waiting = (ms: number): PublicAddress => ({
      ...reached,
      tunnel: { ...up, state: 'waiting', sentence: 'The tunnel ended.', until: Date.now() + ms },
    })
    show(<AddressStatus address={waiting(200_000)} />)
    expect(screen.getByText(/^It is tried again at \d\d:\d\d/)).toBeVisible()
    show(<AddressStatus address={waiting(4_000)} />)
    expect(screen.getByText('It is tried again within a minute.')).toBeVisible()
  })

  it('says so when asking fails', async () => {
    next = { status: 403, body: { code: 'forbidden', message: 'Only the owner may do this.' } }
    show(<AddressStatus address={reached} />)
    await userEvent.click(screen.getByRole('button', { name: 'Start anew' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Only the owner may do this.')
  })
})

describe('ways', () => {
  it('say whether their program is here, and how to get it', async () => {
    show(<Ways address={none} />)
    expect(card('None')).toBeChecked()
    await waitFor(() =>
      expect(card('Your own name at Cloudflare')).toHaveAccessibleDescription(/cloudflared, version 2026/),
    )
    expect(card('ngrok')).toHaveAccessibleDescription(/Not found on this computer. Download ngrok from its site./)
    expect(card('I have an address')).not.toHaveAccessibleDescription(/found/)
    await flawless()
  })

  it('change nothing before they are saved; choosing again takes the wish back', async () => {
    show(<Ways address={reached} />)
    await userEvent.click(card('None'))
    expect(screen.getByRole('button', { name: 'Switch it off' })).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Keep it as it was' }))
    expect(card('A tunnel that costs nothing and needs no account')).toBeChecked()
    expect(card('A tunnel that costs nothing and needs no account')).toHaveFocus()
    expect(screen.queryByRole('button', { name: /Save|Switch/ })).toBeNull()
    expect(sent).toEqual([])
  })

  it('switch off, and the focus stays with the choice', async () => {
    address = reached
    next = none
    show(<AddressForm />)
    await screen.findByText('This address reaches BotFlow from outside.')
    await userEvent.click(screen.getByText('How the world reaches this computer', { selector: 'summary' }))
    await userEvent.click(card('None'))
    await userEvent.click(screen.getByRole('button', { name: 'Switch it off' }))
    await waitFor(() => expect(screen.queryByText('This address reaches BotFlow from outside.')).toBeNull())
    expect(sent).toEqual([['PUT', '/api/public-address', { way: 'none' }]])
    await waitFor(() => expect(card('None')).toHaveFocus())
    // Nothing is left of the wish: what another window chooses is shown.
    expect(card('None')).toBeChecked()
  })

  it('start by keyboard alone, and the focus stays where it was', async () => {
    next = {
      ...none,
      way: 'cloudflared',
      state: 'unproven',
      tunnel: { ...up, state: 'starting', sentence: 'It starts.' },
    }
    show(<AddressForm />)
    await screen.findByRole('radio', { name: 'None' })
    await userEvent.tab()
    await userEvent.tab()
    expect(card('None')).toHaveFocus()
    await userEvent.keyboard('{ArrowDown}')
    expect(card('A tunnel that costs nothing and needs no account')).toBeChecked()
    screen.getByRole('button', { name: 'Save and start' }).focus()
    await userEvent.keyboard('{Enter}')
    await screen.findByText('It starts.')
    expect(sent).toEqual([['PUT', '/api/public-address', { way: 'cloudflared' }]])
    expect(card('A tunnel that costs nothing and needs no account')).toHaveFocus()
    await flawless()
  })

  it('keep the explanation with the port that a tunnel of one’s own leads to', async () => {
    show(<Ways address={none} />)
    await userEvent.click(card('I have an address'))
    expect(screen.getByRole('heading', { name: 'Getting an address' })).toBeVisible()
    expect(screen.getByText('http://127.0.0.1:5871')).toBeVisible()
  })

  it('say beside the field what is wrong with it, before and after asking the program', async () => {
    next = { status: 422, body: { code: 'invalid', message: 'This address leads elsewhere.' } }
    show(<Ways address={none} />)
    await userEvent.click(card('I have an address'))
    const field = screen.getByRole('textbox', { name: 'Your public address' })
    await userEvent.type(field, 'https://shop.example.net/chat{Enter}')
    expect(field).toHaveFocus()
    expect(field).toHaveAccessibleDescription(/Write only the address/)
    expect(sent).toEqual([])
    await userEvent.clear(field)
    await userEvent.type(field, 'shop.example.net{Enter}')
    await waitFor(() => expect(field).toHaveAccessibleDescription('This address leads elsewhere.'))
    expect(field).toHaveFocus()
    expect(sent).toEqual([['PUT', '/api/public-address', { way: 'typed', url: 'https://shop.example.net' }]])
    await flawless()
  })

  it('take a name and the token out of the whole command, and never show the token again', async () => {
    next = {
      ...none,
      way: 'cloudflared_named',
      hostname: 'chat.example.com',
      tokens: ['cloudflared_named'],
      tunnel: up,
    }
    show(<AddressForm />)
    await userEvent.click(await screen.findByRole('radio', { name: 'Your own name at Cloudflare' }))
    await userEvent.type(screen.getByRole('textbox', { name: 'Your name at Cloudflare' }), 'https://Chat.example.com/')
    await userEvent.click(screen.getByRole('button', { name: 'Save and start' }))
    const token = screen.getByLabelText('Token')
    expect(token).toHaveFocus()
    expect(token).toHaveAccessibleDescription(/Paste the token/)
    await userEvent.type(token, 'cloudflared service install eyJhIjoi')
    await userEvent.click(screen.getByRole('button', { name: 'Save and start' }))
    await screen.findByText('A token is kept. Enter a new one to replace it.')
    expect(sent).toEqual([
      ['PUT', '/api/public-address', { way: 'cloudflared_named', hostname: 'chat.example.com', token: 'eyJhIjoi' }],
    ])
    expect(screen.getByLabelText('Token')).toHaveValue('')
    await flawless()
  })

  it('can be told where their program is; when nothing is there, the field says it', async () => {
    const message = 'There is no program at this path.'
    next = {
      status: 422,
      body: { code: 'invalid', message: 'Look at the fields.', fields: [{ field: 'program', message }] },
    }
    show(<Ways address={none} />)
    await userEvent.click(card('Tailscale'))
    const elsewhere = screen.getByRole('button', { name: 'It is somewhere else' })
    expect(elsewhere).toHaveAttribute('aria-expanded', 'false')
    await userEvent.click(elsewhere)
    const path = screen.getByRole('textbox', { name: 'Where the program is' })
    await userEvent.type(path, '"/opt/no one"{Enter}')
    await waitFor(() => expect(path).toHaveAccessibleDescription(new RegExp(message)))
    expect(path).toHaveFocus()
    expect(sent).toEqual([['PUT', '/api/public-address', { way: 'tailscale', program: '/opt/no one' }]])
    expect(within(screen.getByRole('group')).queryByRole('alert')).toBeNull()
    await flawless()
  })

  it('keep what is being typed while the address changes by itself', async () => {
    const { queries } = show(<AddressForm />)
    await userEvent.click(await screen.findByRole('radio', { name: 'I have an address' }))
    await userEvent.type(screen.getByRole('textbox', { name: 'Your public address' }), 'https://shop')
    act(() => void queries.setQueryData(['public_address'], reached))
    await screen.findByText('This address reaches BotFlow from outside.')
    expect(screen.getByRole('textbox', { name: 'Your public address' })).toHaveValue('https://shop')
  })
})

describe('the status at the foot', () => {
  const line = (known?: PublicAddress) =>
    statusLines(
      {
        version: '1',
        public_address: { state: 'failed', url: 'https://x' },
        queue: { outgoing: 0, in_doubt: 0, set_aside: 0, failed: 0 },
        models: { embedding: 'ready', chat: 'absent', cloud: 'none' },
        disk: { low: false },
        answering: true,
        search_model_missing: false,
      },
      (key) => key,
      known,
    ).find(({ id }) => id === 'address')
  it('says that the address is not reached, with the way there', () =>
    expect(line()).toMatchObject({ tone: 'attention', text: 'status.address_failed', to: '/settings/address' }))
  it('says what the tunnel does as long as it is not up', () => {
    const starting: Tunnel = { ...up, state: 'starting', sentence: 'The tunnel starts.' }
    expect(line({ ...reached, tunnel: starting })).toMatchObject({ tone: 'working', text: 'The tunnel starts.' })
    expect(line(reached)).toMatchObject({ tone: 'ok', text: 'status.address_proven' })
  })
})
