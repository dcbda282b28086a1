// Keeps the talk as a test: from now on the flow has to give the same answers, or it says so.
import { Button, Popover, TextInput } from '@mantine/core'
import { IconChecklist } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { tell } from '@/components/notice'
import { useCreateTest } from '../api'
import type { Simulation } from '../types'
import classes from './Simulator.module.css'

export function SaveTest({
  botId,
  flowId,
  script,
  disabled,
}: {
  botId: string
  flowId: string
  script: Simulation
  disabled: boolean
}) {
  const { t } = useTranslation('flowtries')
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const create = useCreateTest(botId, flowId)
  const first = script.actions.find((action) => action.do === 'say')
  const show = () => {
    setName(first?.do === 'say' ? first.text.slice(0, 60) : '')
    create.reset()
    setOpen(true)
  }
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={300} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconChecklist size={16} stroke={1.6} />}
          disabled={disabled}
          aria-expanded={open}
          onClick={() => (open ? setOpen(false) : show())}
        >
          {t('saveTest.label')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault()
            create.mutate(
              // A test gives the same at every place and time: what was outside is what was recorded.
              { name: name.trim(), script: { ...script, live: false } },
              {
                onSuccess: () => {
                  setOpen(false)
                  tell(t('saveTest.done', { name: name.trim() }))
                },
              },
            )
          }}
        >
          <TextInput
            size="sm"
            data-autofocus
            label={t('saveTest.name')}
            description={t('saveTest.hint')}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={create.isError ? errorText(create.error) : undefined}
          />
          <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
            {t('saveTest.save')}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
