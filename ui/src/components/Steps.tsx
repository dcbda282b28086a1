// Numbered steps, each with a check that goes green by itself.
import { Loader } from '@mantine/core'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './Steps.module.css'

export type StepState = 'waiting' | 'checking' | 'ok' | 'failed'
export type StepItem = {
  id: string
  title: string
  state: StepState
  /** What the check found, in words. */
  sentence?: string | null
  /** The one thing to do when it failed. */
  fix?: string | null
  /** How the state is called for those who cannot see it. */
  stateLabel: string
  children?: ReactNode
}

export function Steps({
  items,
  open,
  onOpen,
}: {
  items: StepItem[]
  open: string | null
  onOpen: (id: string | null) => void
}) {
  return (
    <ol className={classes.steps}>
      {items.map((item, i) => {
        const isOpen = open === item.id
        return (
          <li key={item.id} className={classes.step} data-state={item.state} data-open={isOpen || undefined}>
            <span className={classes.mark} aria-hidden="true">
              {item.state === 'ok' ? (
                <IconCheck size={16} stroke={2.5} />
              ) : item.state === 'failed' ? (
                <IconAlertTriangle size={16} />
              ) : item.state === 'checking' ? (
                <Loader size={14} />
              ) : (
                i + 1
              )}
            </span>
            <div className={classes.content}>
              <button
                type="button"
                className={classes.head}
                aria-expanded={isOpen}
                onClick={() => onOpen(isOpen ? null : item.id)}
              >
                <span className={classes.title}>{item.title}</span>
                <span className={classes.state}>{item.stateLabel}</span>
              </button>
              {item.sentence && (
                <p className={classes.sentence} role={item.state === 'failed' ? 'alert' : undefined}>
                  {item.sentence}
                  {item.fix && <strong className={classes.fix}> {item.fix}</strong>}
                </p>
              )}
              {isOpen && item.children && <div className={classes.body}>{item.children}</div>}
            </div>
          </li>
        )
      })}
    </ol>
  )
}
