// Publishing as an owner meets it: blocked while something is broken, and open conversations stay unless moved.
import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { show } from '@/testing'
import type { PublishPreview } from '../types'
import { PublishDialog } from './PublishDialog'

afterEach(() => vi.unstubAllGlobals())

function program(preview: Partial<PublishPreview>) {
  const sent: unknown[] = []
  const full: PublishPreview = {
    findings: [],
    tests: { passed: 2, failed: 0 },
    changes: { flows: [{ flow: 'f', name: 'Main', change: 'added', steps: [], edges: [] }] },
    open: [],
    ...preview,
  }
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (init.method === 'POST') {
      sent.push(JSON.parse(String(init.body)))
      return new Response(JSON.stringify({ number: 4 }))
    }
    const body = url.endsWith('/publish')
      ? full
      : url.endsWith('/flow-kinds')
        ? { kinds: [] }
        : { items: [], flows: [] }
    return new Response(JSON.stringify(body))
  })
  return sent
}
const open = (conversation: string, problem: string | null) => ({
  conversation,
  contact: conversation,
  flow: 'f',
  step: 's',
  step_title: 'Which day',
  problem,
})

it('does not publish what has problems, and says which', async () => {
  program({ findings: [{ severity: 'error', message: 'The question is empty.', fix: 'Fill it in.' }] })
  show(<PublishDialog botId="b" opened onClose={() => {}} />)
  expect(await screen.findByText(/The question is empty/)).toBeVisible()
  expect(screen.getByRole('button', { name: 'Publish' })).toBeDisabled()
  expect(screen.getByText('Solve the problems above first.')).toBeVisible()
})

it('does not publish while a test fails', async () => {
  program({ tests: { passed: 1, failed: 1, first_failure: 'Booking: said “No” instead of “Yes”' } })
  show(<PublishDialog botId="b" opened onClose={() => {}} />)
  expect(await screen.findByText(/instead of “Yes”/)).toBeVisible()
  expect(screen.getByRole('button', { name: 'Publish' })).toBeDisabled()
})

it('keeps open conversations where they are; those that fit can be moved at once', async () => {
  const sent = program({ open: [open('Ann', null), open('Ben', 'Its step is gone.')] })
  const close = vi.fn()
  show(<PublishDialog botId="b" opened onClose={close} />)
  expect(await screen.findByText('Its step is gone.')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Publish' }))
  await waitFor(() => expect(sent).toEqual([{ move: 'none', moved: [] }]))
  expect(close).toHaveBeenCalledOnce()
  await userEvent.click(screen.getByRole('button', { name: 'Move those that fit' }))
  await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), 'Summer')
  await userEvent.click(screen.getByRole('button', { name: 'Publish' }))
  await waitFor(() => expect(sent.at(-1)).toEqual({ name: 'Summer', move: 'safe', moved: [] }))
})
