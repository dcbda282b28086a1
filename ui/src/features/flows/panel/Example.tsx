// How a kind of step looks when it is filled in, and what it does then.
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { faceOf, StepIcon } from '../steps'
import type { Kind } from '../types'
import { Fold } from './Fold'
import classes from './Panel.module.css'

export function Example({ kind, take }: { kind: Kind; take: ReactNode }) {
  const { t } = useTranslation('flowsteps')
  const step = { id: 'example', kind: kind.name, position: { x: 0, y: 0 }, fields: kind.example }
  return (
    <Fold title={t('example')}>
      <div className={classes.example}>
        <div className={classes.exampleCard}>
          <StepIcon kind={kind.name} />
          <div>
            <strong>{kind.title}</strong>
            <p dir="auto" className="lined">
              {faceOf(step, kind, t)}
            </p>
          </div>
        </div>
        {kind.example_says && (
          <p className={`${classes.exampleSays} lined`} dir="auto">
            {kind.example_says}
          </p>
        )}
        {Object.keys(kind.example).length > 0 && take}
      </div>
    </Fold>
  )
}
