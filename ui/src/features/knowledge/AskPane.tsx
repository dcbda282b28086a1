// Asking beside the sources; behind one click what the search found, with both of its scores.
import { Collapse, UnstyledButton } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AskResult, Citation } from '@/api/types'
import { AskChat } from '@/components/ask/AskChat'
import { HitList } from '@/components/ask/HitList'
import { SourceViewer } from '@/components/ask/SourceViewer'
import { EmptyState } from '@/components/States'
import { Count } from '@/components/Tag'
import classes from './Knowledge.module.css'

export function AskPane({ ready, title, botId }: { ready: boolean; title?: string; botId?: string }) {
  const { t } = useTranslation('knowledge')
  const [result, setResult] = useState<AskResult | null>(null)
  const [shown, setShown] = useState(false)
  const [opened, setOpened] = useState<Citation | null>(null)
  return (
    <div className={classes.askPane}>
      {title && <h2 className={classes.askTitle}>{title}</h2>}
      {result && (
        <div className={classes.found}>
          <UnstyledButton className={classes.foundHead} aria-expanded={shown} onClick={() => setShown(!shown)}>
            <span>{t('found')}</span>
            <Count value={result.hits.length} />
            <IconChevronDown size={16} className={classes.chevron} data-open={shown || undefined} aria-hidden />
          </UnstyledButton>
          <Collapse expanded={shown}>
            <div className={classes.foundBody}>
              <p className={classes.quiet}>{t(result.hits.length > 0 ? 'foundLead' : 'foundNothing')}</p>
              <HitList hits={result.hits} onOpen={setOpened} />
            </div>
          </Collapse>
        </div>
      )}
      <div className={classes.askChat}>
        <AskChat
          botId={botId}
          onAnswered={setResult}
          disabled={!ready}
          {...(ready
            ? {}
            : {
                empty: (
                  <EmptyState compact picture="question" title={t('ask:notReadyTitle')} text={t('ask:notReadyText')} />
                ),
              })}
        />
      </div>
      <SourceViewer citation={opened} onClose={() => setOpened(null)} />
    </div>
  )
}
