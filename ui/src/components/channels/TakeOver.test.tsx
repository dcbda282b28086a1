// A number for which another computer answers, as its owner meets it.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Channel } from '@/api/types'
import { show } from '@/testing'
import { TakeOver } from './TakeOver'

vi.mock('@tanstack/react-router', () => ({ Link: (props: object) => <a {...props} href="/settings/address" /> }))
afterEach(() => vi.unstubAllGlobals())

const channel = {
  id: 'c1',
  trouble: { message: 'Another computer answers for this number.' },
  answered_elsewhere: true,
} as Channel

function answers(url: string | null) {
  const posted: string[] = []
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    if (init.method === 'POST') posted.push(path)
    const body = init.method === 'POST' ? { checks: [] } : { url, state: url ? 'proven' : 'none' }
    return new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } })
  })
  return posted
}

describe('taking over a number', () => {
  it('registers the address here with one button', async () => {
    const posted = answers('https://chat.shop.example')
    show(<TakeOver channel={channel} />)
    expect(screen.getByRole('alert')).toHaveTextContent('Another computer answers for this number.')
    const button = await screen.findByRole('button', { name: 'Take over here' })
    await vi.waitFor(() => expect(button).toBeEnabled())
    await userEvent.click(button)
    await vi.waitFor(() => expect(posted).toEqual(['/api/channels/c1/subscribe']))
  })

  it('leads to the public address while there is none', async () => {
    answers(null)
    show(<TakeOver channel={channel} />)
    expect(await screen.findByRole('link', { name: 'Public address' })).toHaveAttribute('href', '/settings/address')
    expect(screen.getByRole('button', { name: 'Take over here' })).toBeDisabled()
  })
})
