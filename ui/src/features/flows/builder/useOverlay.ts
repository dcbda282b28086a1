// What is laid over the drawing: the path of a trial before what tests reach, before traffic.
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import { trafficQuery } from '../api'
import { coverageMarks, type Marks, NO_MARKS, type PathStop, pathMarks, trafficMarks } from '../canvas/marks'
import type { Coverage } from '../types'

const NO_PATH: PathStop[] = []

export function useOverlay(botId: string, flowId: string) {
  const [days, setDays] = useState<number | null>(null)
  const [path, setPath] = useState(NO_PATH)
  const [coverage, setCoverage] = useState<Coverage | null>(null)
  const { t } = useTranslation('flows')
  const format = useFormat()
  const { data: traffic } = useQuery({ ...trafficQuery(botId, flowId, days ?? 7), enabled: days !== null })
  const marks = useMemo((): Marks => {
    if (path.length > 0) return pathMarks(path)
    if (coverage) return coverageMarks(coverage)
    if (days === null || !traffic) return NO_MARKS
    return trafficMarks(traffic, {
      number: format.number,
      came: (count) => (count === 0 ? t('nobodyCame') : t('came', { count, number: format.number(count) })),
      left: (share) => t('leftHere', { share: format.percent(share) }),
      waiting: (count) => t('waitHere', { count, number: format.number(count) }),
    })
  }, [path, coverage, days, traffic, format, t])
  const quiet = days !== null && traffic?.steps.every((step) => step.entered === 0) === true
  return { marks, quiet, days, setDays, setPath, setCoverage }
}
