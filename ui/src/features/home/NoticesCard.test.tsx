// What the owner is told stands at home until it is read, and a flow's question is answered there.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { Notice } from '@/api/types'
import { show } from '@/testing'
import { NoticesCard } from './NoticesCard'

vi.mock('@tanstack/react-router', () => ({
  Link: ({ to, ...props }: { to: string }) => <a {...props} href={to} />,
}))
afterEach(() => vi.unstubAllGlobals())

const NOTICE: Notice = {
  id: '019a0000-0000-7000-8000-000000000001',
  title: 'A big order',
  text: 'Ann wants forty geysers.',
  urgent: true,
  conversation: '019a0000-0000-7000-8000-000000000002',
  run: '019a0000-0000-7000-8000-000000000003',
  decision: null,
  about: null,
  at: Date.now(),
  read_at: null,
}

function listen() {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    sent.push([init.method, url, JSON.parse(String(init.body))])
    return new Response(JSON.stringify(NOTICE), { status: 200, headers: { 'content-type': 'application/json' } })
  })
  return sent
}

it('is taken off the list by a person', async () => {
  const sent = listen()
  show(<NoticesCard notices={[NOTICE]} total={3} />)
  expect(screen.getByText('Ann wants forty geysers.')).toBeVisible()
  expect(screen.getByRole('link', { name: 'Open the conversation' })).toHaveAttribute(
    'href',
    `/inbox/${NOTICE.conversation}`,
  )
  expect(screen.getByText('2 more come after these.')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Done: A big order' }))
  expect(sent).toEqual([['PATCH', `/api/notices/${NOTICE.id}`, { read: true }]])
})

it.each([
  ['Yes, go on', true],
  ['No', false],
])('asks for a decision, and a person says: %s', async (button, yes) => {
  const sent = listen()
  show(<NoticesCard notices={[{ ...NOTICE, decision: 4 }]} total={1} />)
  await userEvent.click(screen.getByRole('button', { name: `${button}: A big order` }))
  expect(sent).toEqual([['POST', `/api/runs/${NOTICE.run}/decisions/4`, { yes }]])
})

it('leads to where the program can be helped, and is not there when there is nothing to know', () => {
  const { unmount } = show(<NoticesCard notices={[{ ...NOTICE, about: 'address', conversation: null }]} total={1} />)
  expect(screen.getByRole('link', { name: 'Look at it' })).toHaveAttribute('href', '/settings/address')
  unmount()
  const ended: Notice = { ...NOTICE, about: 'cut_off', conversation: null, title: 'The program ended without warning' }
  const { unmount: leave } = show(<NoticesCard notices={[ended]} total={1} />)
  expect(screen.getByText('The program ended without warning')).toBeVisible()
  expect(screen.queryByRole('link')).toBeNull()
  leave()
  show(<NoticesCard notices={[]} total={0} />)
  expect(screen.queryByRole('heading')).toBeNull()
})
