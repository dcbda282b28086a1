// What went into a step or came out of it: as names and values, and, when asked for, exactly as it is.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { valueText } from '../simulator/values'
import classes from './Runs.module.css'

const LONGEST = 20_000

export function Given({ title, value }: { title: string; value: unknown }) {
  const { t } = useTranslation('flowtries')
  const [exact, setExact] = useState(false)
  const nested = typeof value === 'object' && value !== null
  const entries = nested && !Array.isArray(value) ? Object.entries(value) : null
  return (
    <div>
      <div className={classes.dataHead}>
        <h3 className={classes.dataTitle}>{title}</h3>
        {nested && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setExact((is) => !is)}>
            {t(exact ? 'run.inWords' : 'run.exact')}
          </Button>
        )}
      </div>
      {exact ? (
        <pre className={classes.exact} dir="ltr">
          {JSON.stringify(value, null, 2).slice(0, LONGEST)}
        </pre>
      ) : entries ? (
        <dl className={classes.data}>
          {entries.map(([name, one]) => (
            <div key={name}>
              <dt>{name.replaceAll('_', ' ')}</dt>
              <dd className="lined" dir="auto">
                {valueText(one, t)}
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className={`${classes.plain} lined`} dir="auto">
          {typeof value === 'string' ? value : valueText(value, t)}
        </p>
      )}
    </div>
  )
}
