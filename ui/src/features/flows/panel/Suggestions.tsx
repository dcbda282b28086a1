// What can be put in: the values that are known here, nearest first, or what can be done with one.
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { FILTERS } from './expression'
import classes from './Panel.module.css'
import { type Known, labelKey } from './variables'

export type Suggestion = { write: string; label: string; note: string; group: string }

const MOST = 60

/** Those that fit the letters written so far: what begins with them first. */
export function fitting(all: Suggestion[], letters: string): Suggestion[] {
  const wanted = letters.trim().toLowerCase()
  if (!wanted) return all.slice(0, MOST)
  const rank = ({ write, label }: Suggestion) => {
    const [path, words] = [write.toLowerCase(), label.toLowerCase()]
    if (path.startsWith(wanted) || words.startsWith(wanted)) return 0
    if (path.includes(wanted) || words.includes(wanted)) return 1
    return 2
  }
  return all
    .filter((one) => rank(one) < 2)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST)
}

export function useSuggestions(known: readonly Known[], titleOf: (known: Known) => string) {
  const { t } = useTranslation('flowsteps')
  return {
    names: (): Suggestion[] =>
      known.map((one) => ({
        write: one.path,
        label: one.label || t(labelKey(one.path)),
        note: one.step ? titleOf(one) : one.path,
        group: t(`flowsteps:knownGroup.${one.group}`),
      })),
    filters: (): Suggestion[] =>
      FILTERS.map((filter) => ({
        write: filter.write,
        label: t(`flowsteps:filter.${filter.name}`),
        note: filter.write,
        group: t('flowsteps:filters'),
      })),
  }
}

export function SuggestionList({
  id,
  list,
  active,
  onChoose,
  onActive,
}: {
  id: string
  list: Suggestion[]
  active: number
  onChoose: (chosen: Suggestion) => void
  onActive: (index: number) => void
}) {
  const { t } = useTranslation('flowsteps')
  if (list.length === 0) return <p className={classes.none}>{t('nothingFits')}</p>
  return (
    <div role="listbox" id={id} aria-label={t('putIn')} className={classes.suggestions}>
      {list.map((one, i) => (
        <Fragment key={one.write}>
          {one.group !== list[i - 1]?.group && (
            <div className={classes.suggestionGroup} role="presentation">
              {one.group}
            </div>
          )}
          <button
            type="button"
            role="option"
            tabIndex={-1}
            id={`${id}-${i}`}
            aria-selected={i === active}
            className={classes.suggestion}
            ref={(element) => {
              if (i === active) element?.scrollIntoView({ block: 'nearest' })
            }}
            onMouseMove={() => i !== active && onActive(i)}
            // The caret stays where it is.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onChoose(one)}
          >
            <span dir="auto">{one.label}</span>
            <span className={classes.suggestionNote} dir="auto">
              {one.note}
            </span>
          </button>
        </Fragment>
      ))}
    </div>
  )
}
