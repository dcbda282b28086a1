// A small word with a dot: the state of something. Colour only where it means something.
import type { ReactNode } from 'react'
import classes from './Tag.module.css'

export type Tone = 'ok' | 'working' | 'attention' | 'danger' | 'off'

export function Tag({ tone = 'off', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={classes.tag} data-tone={tone}>
      <span className={classes.dot} aria-hidden="true" />
      {children}
    </span>
  )
}

export function Dot({ tone }: { tone: Tone }) {
  return <span className={classes.dot} data-tone={tone} aria-hidden="true" />
}

/** A number beside a word, such as what waits. */
export function Count({ value, tone }: { value: number; tone?: 'attention' }) {
  return (
    <span className={classes.count} data-tone={tone}>
      {value > 99 ? '99+' : value}
    </span>
  )
}
