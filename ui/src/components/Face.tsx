// A person without a photograph: initials on a quiet colour that is always the same for the same name.
import { IconUser } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './Face.module.css'

const HUES = [158, 28, 205, 340, 88, 262, 12, 182]

export function initials(name: string): string {
  const parts = name
    .trim()
    .split(/\s+/)
    .filter((part) => /[\p{L}\p{N}]/u.test(part))
  const letters = [parts[0], parts.length > 1 ? parts[parts.length - 1] : undefined].map((part) => {
    const found = part ? [...part].find((c) => /[\p{L}\p{N}]/u.test(c)) : undefined
    return found ?? ''
  })
  return letters.join('').toUpperCase()
}

export function hueOf(name: string): number {
  let hash = 7
  for (const c of name) hash = (hash * 31 + (c.codePointAt(0) ?? 0)) >>> 0
  return HUES[hash % HUES.length] ?? 158
}

export function Face({
  name,
  size = 36,
  unknown,
  badge,
}: {
  name: string
  size?: number
  /** Nobody's name: a silhouette instead of letters that mean nothing. */
  unknown?: boolean
  /** A small sign at the corner, such as where somebody writes. */
  badge?: ReactNode
}) {
  return (
    <span
      className={classes.face}
      data-unknown={unknown || undefined}
      aria-hidden="true"
      style={
        {
          inlineSize: size,
          blockSize: size,
          fontSize: size < 30 ? 12 : size > 48 ? 18 : 13,
          '--hue': hueOf(name),
        } as React.CSSProperties
      }
    >
      {unknown ? <IconUser size={size * 0.55} stroke={1.6} /> : initials(name) || '?'}
      {badge && <span className={classes.badge}>{badge}</span>}
    </span>
  )
}
