// Home: its place in the rail and its address.
import { IconHome } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { type Place, shellRoute } from '@/lib/routes'

export const homePlace: Place = { to: '/', label: 'home:place', icon: IconHome, order: 0, key: 'h' }

export const homeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./HomePage'), 'HomePage'),
  }),
]
