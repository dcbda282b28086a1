// Inbox: its place in the rail and its addresses.
import { IconInbox } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { type Place, shellRoute } from '@/lib/routes'
import { type Filter, isFilter } from './types'

export const inboxPlace: Place = {
  to: '/inbox',
  label: 'inbox:place',
  icon: IconInbox,
  order: 10,
  key: 'i',
  badge: 'waiting',
}

// The list stays as it is while conversations open beside it: one route with the open one as its child.
const inboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/inbox',
  validateSearch: (search: Record<string, unknown>): { filter?: Filter; q?: string } => ({
    ...(isFilter(search.filter) ? { filter: search.filter } : {}),
    ...(typeof search.q === 'string' && search.q ? { q: search.q } : {}),
  }),
  component: lazyRouteComponent(() => import('./InboxPage'), 'InboxPage'),
})

export const inboxRoutes = [
  inboxRoute.addChildren([
    createRoute({ getParentRoute: () => inboxRoute, path: '/' }),
    createRoute({ getParentRoute: () => inboxRoute, path: '$conversationId' }),
  ]),
]
