// Short messages at the edge: what was done with ten seconds to undo it, and what went wrong.
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { i18next } from '@/i18n'
import { errorText } from './errorText'
import classes from './notice.module.css'

export const UNDO_MS = 10_000

export function tell(message: string) {
  notifications.show({ message, autoClose: 4_000, withBorder: true, classNames: classes })
}

export function tellError(error: unknown) {
  notifications.show({
    message: errorText(error),
    color: 'danger',
    autoClose: 8_000,
    withBorder: true,
    classNames: classes,
  })
}

/** Says what was done; `undo` may be pressed for ten seconds. */
export function offerUndo(message: string, undo: () => unknown) {
  const id = notifications.show({
    autoClose: UNDO_MS,
    withBorder: true,
    classNames: classes,
    message: (
      <span className={classes.undo}>
        <span>{message}</span>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            notifications.hide(id)
            Promise.resolve(undo()).catch(tellError)
          }}
        >
          {i18next.t('undo')}
        </Button>
      </span>
    ),
  })
}

/**
 * Deleting without asking: it is gone at once, and comes back with Undo.
 * `hide` takes the thing out of the lists on screen; whatever fails is told and fetched again.
 */
export function useDelete(tags: QueryKey[]) {
  const queries = useQueryClient()
  const refresh = () => Promise.all(tags.map((queryKey) => queries.invalidateQueries({ queryKey })))
  return async (deed: {
    message: string
    remove: () => Promise<unknown>
    restore: () => Promise<unknown>
    hide?: () => void
  }) => {
    deed.hide?.()
    try {
      await deed.remove()
    } catch (error) {
      tellError(error)
      await refresh()
      return false
    }
    await refresh()
    offerUndo(deed.message, async () => {
      await deed.restore()
      await refresh()
    })
    return true
  }
}
