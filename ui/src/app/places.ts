// Which places exist and which routes they bring. A feature appears here when it works, never before.
import { createRoute } from '@tanstack/react-router'
import { botRoute, botsPlace, botsRoutes } from '@/features/bots'
import { inboxPlace, inboxRoutes } from '@/features/conversations'
import { flowsOfBot, flowsRoutes } from '@/features/flows'
import { homePlace, homeRoutes } from '@/features/home'
import { knowledgePlace, knowledgeRoutes } from '@/features/knowledge'
import { settingsPlace, settingsRoutes } from '@/features/settings'
import { startRoutes } from '@/features/start'
import { rootRoute, shellRoute } from '@/lib/routes'
import { NotFound } from './NotFound'

export const places = [homePlace, inboxPlace, botsPlace, knowledgePlace, settingsPlace].sort(
  (a, b) => a.order - b.order,
)

/** Whatever else is asked for, inside of the shell, so that the rail leads on. */
const lostRoute = createRoute({ getParentRoute: () => shellRoute, path: '$', component: NotFound })

export const routeTree = rootRoute.addChildren([
  shellRoute.addChildren([
    ...homeRoutes,
    ...inboxRoutes,
    ...botsRoutes,
    botRoute.addChildren(flowsOfBot(botRoute)),
    ...flowsRoutes,
    ...knowledgeRoutes,
    ...settingsRoutes,
    lostRoute,
  ]),
  ...startRoutes,
])
