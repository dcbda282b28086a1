// Settings: its place in the rail and the addresses of its pages.
import { IconSettings } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { type Place, shellRoute } from '@/lib/routes'

export const settingsPlace: Place = {
  to: '/settings',
  label: 'settings:place',
  icon: IconSettings,
  order: 90,
  key: 's',
}

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./SettingsPage'), 'SettingsPage'),
})

export const settingsRoutes = [
  settingsRoute.addChildren([
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/',
      beforeLoad: () => {
        throw redirect({ to: '/settings/business', replace: true })
      },
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/business',
      component: lazyRouteComponent(() => import('./business/BusinessSettings'), 'BusinessSettings'),
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/channels',
      component: lazyRouteComponent(() => import('./channels/ChannelsSettings'), 'ChannelsSettings'),
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/channels/$channelId',
      component: lazyRouteComponent(() => import('./channels/ChannelPage'), 'ChannelPage'),
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/address',
      component: lazyRouteComponent(() => import('./address/AddressSettings'), 'AddressSettings'),
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/answers',
      component: lazyRouteComponent(() => import('./answers/AnswersSettings'), 'AnswersSettings'),
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/services',
      component: lazyRouteComponent(() => import('./services/ServicesSettings'), 'ServicesSettings'),
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/look',
      component: lazyRouteComponent(() => import('./look/LookSettings'), 'LookSettings'),
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/computer',
      component: lazyRouteComponent(() => import('./computer/ComputerSettings'), 'ComputerSettings'),
    }),
    createRoute({
      getParentRoute: () => settingsRoute,
      path: '/about',
      component: lazyRouteComponent(() => import('./about/AboutSettings'), 'AboutSettings'),
    }),
  ]),
]
