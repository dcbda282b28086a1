// A request that somebody wrote down as a cURL command becomes the settings of this step.
import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { offerUndo } from '@/components/notice'
import { useCurl } from '../../api'
import type { PartProps } from '../../panel/part'
import classes from '../Part.module.css'

export default function HttpPart({ step, onChange }: PartProps) {
  const { t } = useTranslation('flowsteps')
  const curl = useCurl()
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  if (!open)
    return (
      <div>
        <Button variant="default" size="xs" onClick={() => setOpen(true)}>
          {t('curl.open')}
        </Button>
      </div>
    )
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault()
        curl.mutate(text, {
          onSuccess: (fields) => {
            const before = step
            onChange({ ...step, fields: { ...step.fields, ...fields } })
            offerUndo(t('curl.taken'), () => onChange(before))
            setOpen(false)
            setText('')
          },
        })
      }}
    >
      <Textarea
        label={t('curl.label')}
        description={t('curl.hint')}
        placeholder="curl https://…"
        dir="ltr"
        spellCheck={false}
        data-autofocus
        autoFocus
        minRows={3}
        maxRows={10}
        maxLength={20_000}
        value={text}
        error={curl.isError ? errorText(curl.error) : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.preventDefault()
          setOpen(false)
        }}
      />
      <div className={classes.buttons}>
        <Button type="submit" size="xs" disabled={!text.trim()} loading={curl.isPending}>
          {t('curl.take')}
        </Button>
        <Button variant="subtle" color="gray" size="xs" onClick={() => setOpen(false)}>
          {t('common:cancel')}
        </Button>
      </div>
    </form>
  )
}
