// Two texts in one: what went is struck through, what came is marked; `side` shows only one of them.
import { useMemo } from 'react'
import { pieces } from './changes'
import classes from './Versions.module.css'

export function Pieces({ before, after, side }: { before: string; after: string; side?: 'before' | 'after' }) {
  const found = useMemo(() => pieces(before, after), [before, after])
  const hidden = side === 'before' ? 'added' : side === 'after' ? 'removed' : null
  let at = 0
  return found.map((piece) => {
    const key = at++
    if (piece.state === hidden) return null
    if (piece.state === 'same') return <span key={key}>{piece.text}</span>
    return piece.state === 'removed' ? (
      <del key={key} className={classes.gone}>
        {piece.text}
      </del>
    ) : (
      <ins key={key} className={classes.came}>
        {piece.text}
      </ins>
    )
  })
}
