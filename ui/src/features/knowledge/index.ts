// Knowledge: its place in the rail and its addresses.
import { IconBook2 } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { type Place, shellRoute } from '@/lib/routes'
import { type AddKind, isAddKind } from './types'

export const knowledgePlace: Place = {
  to: '/knowledge',
  label: 'knowledge:place',
  icon: IconBook2,
  order: 30,
  key: 'k',
  badge: 'gaps',
}

export const knowledgeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/knowledge',
    validateSearch: (search: Record<string, unknown>): { add?: AddKind } =>
      isAddKind(search.add) ? { add: search.add } : {},
    component: lazyRouteComponent(() => import('./KnowledgePage'), 'KnowledgePage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/knowledge/gaps',
    component: lazyRouteComponent(() => import('./GapsPage'), 'GapsPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/knowledge/answers',
    component: lazyRouteComponent(() => import('./AnswersPage'), 'AnswersPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/knowledge/$sourceId',
    validateSearch: (search: Record<string, unknown>): { passage?: string } =>
      typeof search.passage === 'string' ? { passage: search.passage } : {},
    component: lazyRouteComponent(() => import('./SourcePage'), 'SourcePage'),
  }),
]
