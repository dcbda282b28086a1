// Something to carry elsewhere: shown whole, copied with one tap.
import { Button } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { copyText } from '@/lib/copy'
import classes from './CopyField.module.css'

export function CopyField({ label, value, hint }: { label: string; value: string; hint?: string }) {
  const { t } = useTranslation()
  const id = useId()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_500)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <div className={classes.field}>
      <div className={classes.label} id={id}>
        {label}
      </div>
      <div className={classes.box}>
        <code className={classes.value} dir="ltr">
          {value}
        </code>
        <Button
          size="xs"
          variant={copied ? 'light' : 'default'}
          leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          onClick={async () => setCopied(await copyText(value))}
          aria-describedby={id}
        >
          <span aria-live="polite">{copied ? t('copied') : t('copy')}</span>
        </Button>
      </div>
      {hint && <p className={classes.hint}>{hint}</p>}
    </div>
  )
}
