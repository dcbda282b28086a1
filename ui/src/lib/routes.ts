// The two routes that everything hangs on: the root, and the shell with rail and foot around the places.
import { createRootRoute, createRoute } from '@tanstack/react-router'
import type { ComponentType } from 'react'

export const rootRoute = createRootRoute()
export const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: 'shell' })

/** A place in the rail. */
export type Place = {
  to: string
  /** Key of its word, with namespace: `home:place`. */
  label: string
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>
  /** Rail position; Home is 0, Settings 90. */
  order: number
  /** The letter after `g` that goes there. */
  key: string
  /** Which number stands beside the word. */
  badge?: 'waiting' | 'gaps'
}
