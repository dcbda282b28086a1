// The chat as visitors see it: the real thing in a frame.
import { Button } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Channels.module.css'

export function WebchatPreview({ url, version }: { url: string; version?: string | number }) {
  const { t } = useTranslation('channels')
  const [turn, setTurn] = useState(0)
  return (
    <div className={classes.preview}>
      <div className={classes.previewHead}>
        <span className={classes.label}>{t('preview')}</span>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<IconRefresh size={16} />}
          onClick={() => setTurn((n) => n + 1)}
        >
          {t('previewReload')}
        </Button>
      </div>
      <iframe
        key={`${turn}-${version ?? ''}`}
        className={classes.frame}
        src={url}
        title={t('preview')}
        sandbox="allow-scripts allow-same-origin allow-forms allow-popups"
        loading="lazy"
      />
      <p className={classes.note}>{t('previewNote')}</p>
    </div>
  )
}
