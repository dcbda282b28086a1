// In a word, how the tests of a flow stand, and the way to them; nothing when there are none.
import { useTranslation } from 'react-i18next'
import { Tag } from '@/components/Tag'
import classes from './Tests.module.css'
import { useTestRun } from './useTestRun'

export function TestsMark({ botId, flowId, onOpen }: { botId: string; flowId: string; onOpen: () => void }) {
  const { t } = useTranslation('flowtries')
  const { run } = useTestRun(botId, flowId)
  const results = run.data?.results ?? []
  const failed = results.filter((result) => !result.passed).length
  if (!run.isFetching && results.length === 0) return null
  return (
    <button type="button" className={classes.mark} onClick={onOpen}>
      {run.isFetching ? (
        <Tag tone="working">{t('tests.running')}</Tag>
      ) : failed > 0 ? (
        <Tag tone="danger">{t('tests.failed', { count: failed })}</Tag>
      ) : (
        <Tag tone="ok">{t('tests.passed', { count: results.length })}</Tag>
      )}
    </button>
  )
}
