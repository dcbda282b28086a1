// A surface that holds one subject.
import type { ReactNode } from 'react'
import classes from './Panel.module.css'

export function Panel({
  title,
  lead,
  actions,
  tone,
  flush,
  id,
  children,
}: {
  title?: ReactNode
  lead?: ReactNode
  actions?: ReactNode
  tone?: 'attention' | 'danger' | 'accent' | 'quiet'
  /** Without inner space, for lists that reach the edges. */
  flush?: boolean
  id?: string
  children?: ReactNode
}) {
  return (
    <section className={classes.panel} data-tone={tone} id={id}>
      {(title || actions) && (
        <header className={classes.head}>
          <div className={classes.words}>
            {title && <h2 className={classes.title}>{title}</h2>}
            {lead && <p className={classes.lead}>{lead}</p>}
          </div>
          {actions && <div className={classes.actions}>{actions}</div>}
        </header>
      )}
      {children && <div className={flush ? classes.flush : classes.body}>{children}</div>}
    </section>
  )
}

/** One line of a list inside a flush Panel. */
export function Row({
  icon,
  title,
  text,
  end,
  children,
}: {
  icon?: ReactNode
  title: ReactNode
  text?: ReactNode
  end?: ReactNode
  children?: ReactNode
}) {
  return (
    <div className={classes.row}>
      {icon && <div className={classes.icon}>{icon}</div>}
      <div className={classes.rowWords}>
        <div className={classes.rowTitle}>{title}</div>
        {text && <div className={classes.rowText}>{text}</div>}
        {children}
      </div>
      {end && <div className={classes.end}>{end}</div>}
    </div>
  )
}
