// Flows: the list inside of a bot's page and the builder with its own address.
import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '@/lib/routes'

const SIDES = ['try', 'tests', 'versions', 'runs', 'problems'] as const
type Search = { step?: string; side?: (typeof SIDES)[number] }

/** What a bot's page shows first. */
export const flowsOfBot = (bot: AnyRoute) => [
  createRoute({
    getParentRoute: () => bot,
    path: '/',
    component: lazyRouteComponent(() => import('./list/FlowsPage'), 'FlowsPage'),
  }),
]

export const flowsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/bots/$botId/flows/$flowId',
    /** `step` opens the settings of a step, `side` what stands beside the canvas. */
    validateSearch: (search: Record<string, unknown>): Search => {
      const side = SIDES.find((name) => name === search.side)
      return {
        ...(typeof search.step === 'string' || typeof search.step === 'number' ? { step: String(search.step) } : {}),
        ...(side ? { side } : {}),
      }
    },
    component: lazyRouteComponent(() => import('./builder/BuilderPage'), 'BuilderPage'),
  }),
]
