// One step: its heading, its content, and the buttons that lead on.
import { Button } from '@mantine/core'
import { IconArrowRight } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Start.module.css'

export function StepFrame({
  title,
  lead,
  next,
  nextLabel,
  quiet,
  busy,
  back,
  children,
}: {
  title: string
  lead: string
  next: () => void
  nextLabel?: string
  /** When going on means skipping. */
  quiet?: boolean
  busy?: boolean
  back?: (() => void) | undefined
  children: ReactNode
}) {
  const { t } = useTranslation('start')
  const heading = useRef<HTMLHeadingElement>(null)
  // A new step begins at its heading, for eyes and for screen readers.
  useEffect(() => heading.current?.focus(), [])
  return (
    <form
      className={classes.step}
      onSubmit={(event) => {
        event.preventDefault()
        next()
      }}
      noValidate
    >
      <div>
        <h1 ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </h1>
        <p className={classes.lead}>{lead}</p>
      </div>
      {children}
      <div className={classes.buttons}>
        <Button
          type="submit"
          size="md"
          variant={quiet ? 'default' : 'filled'}
          loading={busy ?? false}
          rightSection={<IconArrowRight size={18} className={classes.flip} />}
        >
          {nextLabel ?? t('next')}
        </Button>
        {back && (
          <Button variant="subtle" color="gray" size="md" onClick={back}>
            {t('back')}
          </Button>
        )}
      </div>
    </form>
  )
}
