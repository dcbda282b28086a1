// What is chosen for this computer: switched, told in words, and never claimed before the program has said so.
import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { Computer } from '@/api/types'
import { show } from '@/testing'
import { ComputerSettings } from './ComputerSettings'

afterEach(() => vi.unstubAllGlobals())

const OFF: Computer = {
  keep_awake: { on: false, state: 'off', why: null },
  starts: { by: 'program', on: false },
}

function program(first: Computer, after: Computer = first, status = 200) {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const json = { headers: { 'content-type': 'application/json' } }
    if (init.method !== 'PUT') return new Response(JSON.stringify(first), json)
    sent.push([url, JSON.parse(String(init.body))])
    const refused = { code: 'unavailable', message: 'The system did not take it.', request_id: 'r' }
    return new Response(JSON.stringify(status === 200 ? after : refused), { status, ...json })
  })
  return sent
}

it('keeps the computer awake when that is wanted, and says so', async () => {
  const sent = program(OFF, { ...OFF, keep_awake: { on: true, state: 'kept', why: null } })
  show(<ComputerSettings />)
  const awake = await screen.findByRole('switch', { name: 'Keep this computer awake while it is plugged in' })
  expect(screen.getByRole('status')).toHaveTextContent('While it sleeps, nobody is answered.')
  await userEvent.click(awake)
  await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent('It is being kept awake.'))
  expect(awake).toBeChecked()
  expect(sent).toEqual([['/api/computer/keep-awake', { on: true }]])
})

it.each([
  ['on_battery', null, 'It runs on its battery now, so it may sleep.'],
  ['asking', null, 'The system is being asked'],
  [
    'impossible',
    'Set it to never sleep in its own power settings.',
    'Set it to never sleep in its own power settings.',
  ],
] as const)('says in words what came of it: %s', async (state, why, words) => {
  program({ ...OFF, keep_awake: { on: true, state, why } })
  show(<ComputerSettings />)
  expect(await screen.findByRole('switch', { name: /awake/ })).toBeChecked()
  expect(screen.getByRole('status')).toHaveTextContent(words)
})

it('starts with the computer where the program can, and otherwise says who starts it', async () => {
  const sent = program(OFF, { ...OFF, starts: { by: 'program', on: true } })
  const { unmount } = show(<ComputerSettings />)
  const start = await screen.findByRole('switch', { name: 'Start BotFlow with this computer' })
  await userEvent.click(start)
  await waitFor(() => expect(start).toBeChecked())
  expect(sent).toEqual([['/api/computer/autostart', { on: true }]])
  unmount()
  program({ ...OFF, starts: { by: 'service', on: false } })
  show(<ComputerSettings />)
  expect(await screen.findByText(/as a service, also before anybody signs in/)).toBeVisible()
  expect(screen.queryByRole('switch', { name: /^Start/ })).toBeNull()
})

it('goes back to what is when the system refuses', async () => {
  program(OFF, OFF, 503)
  show(<ComputerSettings />)
  const start = await screen.findByRole('switch', { name: /^Start/ })
  await userEvent.click(start)
  await waitFor(() => expect(start).toBeEnabled())
  expect(start).not.toBeChecked()
})
