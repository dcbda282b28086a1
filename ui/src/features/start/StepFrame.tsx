// One step: its heading, its content, and the buttons that lead on.
import { Button } from '@mantine/core'
import { IconArrowRight } from '@tabler/icons-react'
import { type FormEvent, type ReactNode, useEffect, useRef } from 'react'
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
  plain,
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
  /** When the step holds forms of its own. */
  plain?: boolean
  children: ReactNode
}) {
  const { t } = useTranslation('start')
  const heading = useRef<HTMLHeadingElement>(null)
  // A new step begins at its heading, for eyes and for screen readers.
  useEffect(() => heading.current?.focus(), [])
  const Frame = plain ? 'div' : 'form'
  return (
    <Frame
      className={classes.step}
      {...(plain
        ? {}
        : {
            noValidate: true,
            onSubmit: (event: FormEvent) => {
              event.preventDefault()
              next()
            },
          })}
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
          type={plain ? 'button' : 'submit'}
          {...(plain ? { onClick: next } : {})}
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
    </Frame>
  )
}
