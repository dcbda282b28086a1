// One answer: its words, who wrote it, where it stands, and the way to correct it.
import { Button } from '@mantine/core'
import { IconFileText, IconPencil, IconRosetteDiscountCheck, IconSparkles } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AskResult, Citation } from '@/api/types'
import { useFormat } from '@/components/useFormat'
import classes from './Ask.module.css'
import { TeachForm } from './TeachForm'

export function SourceChips({ citations, onOpen }: { citations: Citation[]; onOpen: (citation: Citation) => void }) {
  const { t } = useTranslation('ask')
  if (citations.length === 0) return null
  return (
    <div className={classes.chips}>
      {citations.map((citation) => (
        <button
          key={`${citation.passage_id}-${citation.page}`}
          type="button"
          className={classes.chip}
          title={citation.snippet}
          aria-label={t('openSource', { title: citation.source_title })}
          onClick={() => onOpen(citation)}
        >
          <IconFileText size={16} stroke={1.6} aria-hidden />
          <span>
            {citation.source_title}
            {citation.page !== null && `, ${t('page', { page: citation.page })}`}
          </span>
        </button>
      ))}
    </div>
  )
}

export function AnswerBubble({
  question,
  result,
  onOpen,
  onTaught,
}: {
  question: string
  result: AskResult
  onOpen: (citation: Citation) => void
  onTaught: () => void
}) {
  const { t } = useTranslation('ask')
  const format = useFormat()
  const [teaching, setTeaching] = useState(false)
  const { answer } = result
  const Who = answer?.rung === 'approved' ? IconRosetteDiscountCheck : IconSparkles
  return (
    <div className={classes.answerSide}>
      {answer ? (
        <div className={classes.answer}>
          <p className={classes.words} dir="auto">
            {answer.text}
          </p>
          <SourceChips citations={answer.citations} onOpen={onOpen} />
        </div>
      ) : (
        <div className={classes.answer} data-unknown="">
          <p className={classes.words}>{t('unknown')}</p>
          <p className={classes.note}>{t('unknownText')}</p>
        </div>
      )}
      <div className={classes.under}>
        {answer && (
          <span className={classes.who}>
            {answer.rung !== 'extractive' && <Who size={16} stroke={1.6} aria-hidden />}
            {t(`rung.${answer.rung}`)} · {format.duration(result.ms)}
          </span>
        )}
        {!teaching && (
          <Button
            size="compact-sm"
            variant="subtle"
            color={answer ? 'gray' : 'accent'}
            leftSection={<IconPencil size={16} />}
            onClick={() => setTeaching(true)}
          >
            {t(answer ? 'wrong' : 'teach')}
          </Button>
        )}
      </div>
      {teaching && (
        <div className={classes.teach}>
          <TeachForm
            question={question}
            answer={answer?.text ?? ''}
            onCancel={() => setTeaching(false)}
            onDone={() => {
              setTeaching(false)
              onTaught()
            }}
          />
        </div>
      )}
    </div>
  )
}
