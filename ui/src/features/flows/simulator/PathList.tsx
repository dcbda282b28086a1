// The way that the talk took, step by step, for those who read rather than look at the canvas.
import { useTranslation } from 'react-i18next'
import { useFormat } from '@/components/useFormat'
import { StepIcon, titleOf } from '../steps'
import type { Kind, Simulated } from '../types'
import { wayTitle } from '../versions/changes'
import type { Places } from './places'
import classes from './Simulator.module.css'

export function PathList({ path, places, kinds }: { path: Simulated['path']; places: Places; kinds: Kind[] }) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const kindOf = new Map(kinds.map((kind) => [kind.name, kind]))
  return (
    <div className={classes.scroll}>
      {path.length === 0 ? (
        <p className={classes.small}>{t('path.empty')}</p>
      ) : (
        <ol className={classes.path}>
          {path.map((walked, i) => {
            const step = places.stepOf(walked.step, walked.flow)
            const way = walked.branch ? wayTitle(step, walked.branch, kinds) : ''
            const about = [places.otherName(walked.flow), way].filter(Boolean).join(' · ')
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a path only grows, and the same step may stand in it often
              <li key={`${i}-${walked.step}`}>
                <span className={classes.pathIcon}>{step && <StepIcon kind={step.kind} />}</span>
                <span className={classes.pathWords}>
                  <span className="lined" dir="auto">
                    {step ? titleOf(step, kindOf.get(step.kind)) : t('path.elsewhere')}
                  </span>
                  {about && (
                    <span className={`${classes.small} lined`} dir="auto">
                      {about}
                    </span>
                  )}
                </span>
                <time
                  className={classes.small}
                  dateTime={new Date(walked.at).toISOString()}
                  title={format.full(walked.at)}
                >
                  {format.clock(walked.at)}
                </time>
              </li>
            )
          })}
        </ol>
      )}
    </div>
  )
}
