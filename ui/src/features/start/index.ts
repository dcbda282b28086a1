// The first ten minutes: their address, outside of the shell.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '@/lib/routes'

export const STEPS = ['business', 'knowledge', 'ask', 'channel'] as const
export type Step = (typeof STEPS)[number]

export const startRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/start',
    validateSearch: (search: Record<string, unknown>): { step?: Step } =>
      STEPS.includes(search.step as Step) ? { step: search.step as Step } : {},
    component: lazyRouteComponent(() => import('./StartPage'), 'StartPage'),
  }),
]
