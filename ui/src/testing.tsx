// What component tests need: the theme, the words, and what jsdom lacks.
import '@testing-library/jest-dom/vitest'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, vi } from 'vitest'
import type { PublicAddress } from '@/api/types'
import './i18n'

afterEach(cleanup)

window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
    addListener: vi.fn(),
    removeListener: vi.fn(),
    dispatchEvent: vi.fn(),
  }) as unknown as MediaQueryList
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
} as unknown as typeof ResizeObserver
Element.prototype.scrollIntoView ??= () => {}

/** Renders inside the providers; queries never retry and never leave the process. */
export function show(view: ReactNode, queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })) {
  return {
    queries,
    ...render(
      <QueryClientProvider client={queries}>
        <MantineProvider env="test">{view}</MantineProvider>
      </QueryClientProvider>,
    ),
  }
}

/** The public address before anybody has chosen a way. */
export const noAddress: PublicAddress = {
  url: null,
  state: 'none',
  sentence: '',
  fix: null,
  proven_at: null,
  round_trip_ms: null,
  way: 'none',
  program: null,
  hostname: null,
  tokens: [],
  tunnel: null,
  checks_today: 0,
  reachable_today: null,
  round_trip_p50_ms: null,
  local: '127.0.0.1:5871',
}
