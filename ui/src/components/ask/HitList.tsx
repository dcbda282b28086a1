// What the search found, best first, with how well words and meaning fit; each opens where it stands.
import { useTranslation } from 'react-i18next'
import type { Citation, Hit } from '@/api/types'
import { useFormat } from '@/components/useFormat'
import classes from './HitList.module.css'

const asCitation = (hit: Hit): Citation => ({
  source_id: hit.source_id,
  source_title: hit.source_title,
  page: hit.page,
  passage_id: hit.passage_id,
  snippet: hit.text,
  marks: [],
})

export function HitList({ hits, onOpen }: { hits: Hit[]; onOpen: (citation: Citation) => void }) {
  const { t } = useTranslation('ask')
  const format = useFormat()
  const most = Math.max(...hits.map((hit) => hit.text_score ?? 0), 1)
  return (
    <ol className={classes.hits}>
      {hits.map((hit) => (
        <li key={hit.passage_id}>
          <button type="button" className={classes.hit} onClick={() => onOpen(asCitation(hit))}>
            <span className={classes.title}>
              {hit.source_title}
              {hit.page !== null && `, ${t('page', { page: hit.page })}`}
            </span>
            <span className={classes.text} dir="auto">
              {hit.text}
            </span>
            <span className={classes.scores}>
              <Score
                label={t('byWords')}
                share={hit.text_score === null ? null : hit.text_score / most}
                shown={hit.text_score === null ? '–' : format.number(Math.round(hit.text_score * 10) / 10)}
              />
              <Score
                label={t('byMeaning')}
                share={hit.vector_score}
                shown={hit.vector_score === null ? '–' : format.percent(hit.vector_score)}
              />
            </span>
          </button>
        </li>
      ))}
    </ol>
  )
}

function Score({ label, share, shown }: { label: string; share: number | null; shown: string }) {
  return (
    <span className={classes.score}>
      {label} {shown}
      <span className={classes.bar} aria-hidden="true">
        <span style={{ inlineSize: `${Math.max(0, Math.min(1, share ?? 0)) * 100}%` }} />
      </span>
    </span>
  )
}
