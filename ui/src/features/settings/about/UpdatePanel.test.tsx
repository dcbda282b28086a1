// Newer versions as the owner meets them: told of, asked for, watched, and what came of it.
import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { UpdateState } from '@/api/types'
import { show } from '@/testing'
import { UpdatePanel } from './UpdatePanel'

afterEach(() => vi.unstubAllGlobals())

const quiet: UpdateState = {
  enabled: true,
  version: '0.1.0',
  by_itself: false,
  phase: 'none',
  newer: null,
  done_bytes: 0,
  total_bytes: 0,
  problem: null,
  checked_at: null,
  last: null,
}
const newer = {
  version: '0.2.0',
  notes: 'Answers sooner.\nFewer clicks.',
  published_at: 0,
  bytes: 5_000_000,
  has_failed: false,
}

function program(states: Partial<Record<string, Partial<UpdateState>>>) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const call = `${init.method} ${url}`
    asked.push(init.body ? `${call} ${init.body}` : call)
    const state = { ...quiet, ...(states[call] ?? states['GET /api/updates']) }
    return new Response(JSON.stringify(state), { status: 200, headers: { 'content-type': 'application/json' } })
  })
  return asked
}

it('says that versions come by hand where nobody publishes any', async () => {
  program({ 'GET /api/updates': { enabled: false } })
  show(<UpdatePanel />)
  expect(await screen.findByText(/come by hand/)).toBeVisible()
  expect(screen.queryByRole('button')).toBeNull()
  expect(screen.queryByRole('switch')).toBeNull()
})

it('tells what is new and installs it when asked to', async () => {
  const downloading: Partial<UpdateState> = { newer, phase: 'downloading', done_bytes: 25, total_bytes: 100 }
  const states: Record<string, Partial<UpdateState>> = {
    'POST /api/updates/check': { newer },
    'POST /api/updates/install': downloading,
  }
  const asked = program(states)
  show(<UpdatePanel />)
  await userEvent.click(await screen.findByRole('button', { name: 'Look for a newer version' }))
  expect(await screen.findByText(/Version 0\.2\.0 is there/)).toBeVisible()
  expect(screen.getByRole('region', { name: 'What is new' })).toHaveTextContent('Answers sooner. Fewer clicks.')
  states['GET /api/updates'] = downloading
  await userEvent.click(screen.getByRole('button', { name: 'Update now' }))
  expect(await screen.findByText(/Downloading version 0\.2\.0: 25 %/)).toBeVisible()
  expect(screen.getByRole('progressbar')).toHaveAccessibleName('Downloading version 0.2.0')
  await userEvent.click(screen.getByRole('button', { name: 'Stop' }))
  await waitFor(() => expect(asked).toContain('DELETE /api/updates/install'))
})

it('waits in words', async () => {
  program({ 'GET /api/updates': { newer, phase: 'waiting' } })
  show(<UpdatePanel />)
  expect(await screen.findByText(/Waiting for a moment in which no message/)).toBeVisible()
  expect(screen.queryByRole('progressbar')).toBeNull()
})

it('says that a version was not kept, and why', async () => {
  const last = { version: '0.2.0', from: '0.1.0', at: Date.now(), worked: false, why: 'It did not get ready.' }
  program({ 'GET /api/updates': { last, newer: { ...newer, has_failed: true } } })
  show(<UpdatePanel />)
  expect(await screen.findByRole('status')).toHaveTextContent(
    'Version 0.2.0 was not kept, now: It did not get ready. Version 0.1.0 goes on, with all its data.',
  )
  expect(screen.getByRole('button', { name: 'Try it once more' })).toBeEnabled()
})

it('shows what went wrong, and installs at night only when that is chosen', async () => {
  const problem = 'What was found at the update address was not signed.'
  const asked = program({ 'GET /api/updates': { problem }, 'PUT /api/updates': { by_itself: true } })
  show(<UpdatePanel />)
  expect(await screen.findByRole('alert')).toHaveTextContent(`That did not work. ${problem}`)
  const night = screen.getByRole('switch', { name: /by itself at night/ })
  expect(night).not.toBeChecked()
  await userEvent.click(night)
  await waitFor(() => expect(asked).toContain('PUT /api/updates {"by_itself":true}'))
  await waitFor(() => expect(night).toBeChecked())
})

it('comes anew with the version that was installed', async () => {
  const reload = vi.fn()
  vi.stubGlobal('location', { ...location, reload })
  const states: Record<string, Partial<UpdateState>> = { 'GET /api/updates': { newer, phase: 'restarting' } }
  program(states)
  show(<UpdatePanel />)
  expect(await screen.findByText(/0\.1\.0/)).toBeVisible()
  expect(reload).not.toHaveBeenCalled()
  states['GET /api/updates'] = { version: '0.2.0' }
  await waitFor(() => expect(reload).toHaveBeenCalled(), { timeout: 3_000 })
})
