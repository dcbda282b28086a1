// Making the file for another computer, as its owner meets it.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { MoveState } from '@/api/types'
import { show } from '@/testing'
import { MovePanel } from './MovePanel'

afterEach(() => vi.unstubAllGlobals())

const none: MoveState = {
  phase: 'none',
  problem: null,
  done_bytes: 0,
  total_bytes: 0,
  size_bytes: null,
  file_name: null,
}

function answers(first: MoveState, after: MoveState = first) {
  const posted: unknown[] = []
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    if (init.method === 'POST') posted.push(JSON.parse(String(init.body)))
    const body = posted.length > 0 ? after : first
    return new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } })
  })
  return posted
}

describe('moving out', () => {
  it('asks for the passphrase twice before it begins', async () => {
    const posted = answers(none, { ...none, phase: 'working', done_bytes: 30, total_bytes: 100 })
    show(<MovePanel />)
    const make = await screen.findByRole('button', { name: 'Make the file' })
    await vi.waitFor(() => expect(make).toBeEnabled())
    await userEvent.click(make)
    await userEvent.type(await screen.findByLabelText('Passphrase'), 'four plain words')
    await userEvent.type(screen.getByLabelText('The same again'), 'four plain word')
    await userEvent.click(screen.getByRole('button', { name: 'Make it' }))
    expect(await screen.findByText('The two are not the same.')).toBeVisible()
    expect(posted).toEqual([])
    await userEvent.type(screen.getByLabelText('The same again'), 's')
    await userEvent.click(screen.getByRole('button', { name: 'Make it' }))
    expect(await screen.findByRole('progressbar')).toBeInTheDocument()
    expect(posted).toEqual([{ passphrase: 'four plain words' }])
    expect(screen.getByRole('button', { name: 'Stop' })).toBeEnabled()
  })

  it('hands out the file and says what comes next', async () => {
    answers({ ...none, phase: 'done', size_bytes: 2_000_000, file_name: 'shop-2026-11-21.move' })
    show(<MovePanel />)
    const link = await screen.findByRole('link', { name: 'Download' })
    expect(link).toHaveAttribute('href', '/api/move/export/file')
    expect(screen.getByText(/stops answering on WhatsApp once the new one has taken over/)).toBeVisible()
  })
})
