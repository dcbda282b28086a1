// The address of a webhook step, which moves with the public address.
import { act, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { show } from '@/testing'
import { type PanelScope, PanelScopeProvider } from '../../panel/context'
import type { Step } from '../../types'
import WebhookPart from './Part'

vi.mock('@tanstack/react-router', () => ({ Link: (props: object) => <a {...props} href="/x" /> }))
afterEach(() => vi.unstubAllGlobals())

it('shows the new address as soon as the tunnel has one, without being opened again', async () => {
  vi.stubGlobal('fetch', async (url: string) => {
    const body = url.endsWith('/hook')
      ? { url: 'https://old.example/hooks/a', path: '/hooks/a' }
      : { url: 'https://old.example' }
    return new Response(JSON.stringify(body))
  })
  const scope = { botId: 'b', flow: { id: 'f' } } as unknown as PanelScope
  const { queries } = show(
    <PanelScopeProvider value={scope}>
      <WebhookPart step={{ id: 's' } as unknown as Step} onChange={() => {}} />
    </PanelScopeProvider>,
  )
  await screen.findByText('https://old.example/hooks/a')
  act(() => void queries.setQueryData(['public_address'], { url: 'https://new.example' }))
  expect(await screen.findByText('https://new.example/hooks/a')).toBeVisible()
  act(() => void queries.setQueryData(['public_address'], { url: null }))
  expect(await screen.findByText(/has a public address/)).toBeVisible()
})
