// Bots: its place in the rail and its addresses.
import { IconRobot } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { type Place, shellRoute } from '@/lib/routes'
import { isTab, type Tab } from './types'

export const botsPlace: Place = { to: '/bots', label: 'bots:place', icon: IconRobot, order: 20, key: 'b' }

export const botsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/bots',
    component: lazyRouteComponent(() => import('./BotsPage'), 'BotsPage'),
  }),
]

/** One bot. What its first part shows, the flows, is a child that the app hangs in. */
export const botRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/bots/$botId',
  validateSearch: (search: Record<string, unknown>): { tab?: Tab } => (isTab(search.tab) ? { tab: search.tab } : {}),
  component: lazyRouteComponent(() => import('./BotPage'), 'BotPage'),
})
