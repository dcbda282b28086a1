// The addresses of the interface.
import { createRouter } from '@tanstack/react-router'
import { Page } from '@/components/Page'
import { Loading } from '@/components/States'
import { rootRoute, shellRoute } from '@/lib/routes'
import { Crash } from './Crash'
import { NotFound } from './NotFound'
import { routeTree } from './places'
import { Shell } from './Shell'

rootRoute.update({ notFoundComponent: NotFound })
shellRoute.update({ component: Shell })

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultPendingComponent: () => (
    <Page>
      <Loading shape="list" />
    </Page>
  ),
  defaultErrorComponent: Crash,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
