// The frame of a place: its heading, what can be done, and the width in which it reads well.
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Page.module.css'

/** `narrow` for forms (720 px), `normal` (1080), `full` for panes. */
export function Page({ size = 'normal', children }: { size?: 'narrow' | 'normal' | 'full'; children: ReactNode }) {
  return (
    <div className={classes.page} data-size={size}>
      {children}
    </div>
  )
}

export function PageHeader({
  title,
  lead,
  actions,
  back,
}: {
  title: string
  /** One sentence under the title. */
  lead?: ReactNode
  actions?: ReactNode
  back?: { to: string; label: string }
}) {
  const { t } = useTranslation()
  useEffect(() => {
    document.title = `${title} · ${t('product')}`
  }, [title, t])
  return (
    <header className={classes.header}>
      <div className={classes.words}>
        {back && (
          <Link to={back.to} className={classes.back}>
            <IconArrowLeft size={16} className={classes.arrow} aria-hidden />
            {back.label}
          </Link>
        )}
        <h1 className={classes.title}>{title}</h1>
        {lead && <p className={classes.lead}>{lead}</p>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </header>
  )
}
