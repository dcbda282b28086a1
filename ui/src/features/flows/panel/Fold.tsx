// A part of the panel that is opened when it is needed.
import { IconChevronDown } from '@tabler/icons-react'
import { type ReactNode, useId, useState } from 'react'
import classes from './Panel.module.css'

export function Fold({
  title,
  note,
  startOpen = false,
  children,
}: {
  title: string
  note?: string
  startOpen?: boolean
  children: ReactNode
}) {
  const id = useId()
  const [open, setOpen] = useState(startOpen)
  return (
    <section className={classes.fold} data-open={open || undefined}>
      <h3>
        <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          <span className={classes.foldWords}>
            <span>{title}</span>
            {note && !open && <span className={classes.foldNote}>{note}</span>}
          </span>
          <IconChevronDown size={16} aria-hidden />
        </button>
      </h3>
      <div id={id} hidden={!open} className={classes.foldBody}>
        {open && children}
      </div>
    </section>
  )
}
