// Running again and stopping. Both reach a customer and cannot be taken back, so each first says what it will do.
import { Button, Popover } from '@mantine/core'
import { IconPlayerStop, IconRefresh } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell, tellError } from '@/components/notice'
import { useRunAgain, useStopRun } from '../api'
import classes from './Runs.module.css'

function Sure({
  label,
  icon,
  text,
  go,
  busy,
  onGo,
}: {
  label: string
  icon: ReactNode
  text: string
  go: string
  busy: boolean
  onGo: () => void
}) {
  const [open, setOpen] = useState(false)
  return (
    <Popover opened={open} onChange={setOpen} shadow="md" position="bottom-start" width={280} trapFocus returnFocus>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={icon}
          loading={busy}
          aria-expanded={open}
          onClick={() => setOpen((is) => !is)}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.sure}>{text}</p>
        <Button
          size="sm"
          data-autofocus
          onClick={() => {
            setOpen(false)
            onGo()
          }}
        >
          {go}
        </Button>
      </Popover.Dropdown>
    </Popover>
  )
}

export function AgainButton({
  runId,
  fromStep,
  label,
  onStarted,
}: {
  runId: string
  /** From the beginning when it is left out. */
  fromStep?: string | undefined
  label: string
  onStarted: (run: string) => void
}) {
  const { t } = useTranslation('flowtries')
  const again = useRunAgain()
  return (
    <Sure
      label={label}
      icon={<IconRefresh size={16} stroke={1.6} />}
      text={t(fromStep ? 'again.textHere' : 'again.text')}
      go={t('again.go')}
      busy={again.isPending}
      onGo={() =>
        again.mutate(
          { runId, ...(fromStep ? { fromStep } : {}) },
          {
            onSuccess: ({ run }) => {
              tell(t('again.done'))
              onStarted(run)
            },
            onError: tellError,
          },
        )
      }
    />
  )
}

export function StopButton({ runId }: { runId: string }) {
  const { t } = useTranslation('flowtries')
  const stop = useStopRun()
  return (
    <Sure
      label={t('stop.label')}
      icon={<IconPlayerStop size={16} stroke={1.6} />}
      text={t('stop.text')}
      go={t('stop.go')}
      busy={stop.isPending}
      onGo={() => stop.mutate(runId, { onSuccess: () => tell(t('stop.done')), onError: tellError })}
    />
  )
}
