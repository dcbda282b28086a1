// Names with their values, each to be changed where it stands.
import { ActionIcon, Button, Select, Textarea, TextInput } from '@mantine/core'
import { IconCheck, IconPencil, IconPlus } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Simulator.module.css'
import { fromWords, shapeOf, toWords, valueText } from './values'

const NAME = /^[a-z_][a-z0-9_]{0,63}$/i

export function ValueList({
  title,
  empty,
  values,
  onSet,
}: {
  title: string
  empty: string
  values: Record<string, unknown>
  onSet?: (name: string, value: unknown) => void
}) {
  const { t } = useTranslation('flowtries')
  const [editing, setEditing] = useState<string | null>(null)
  const [adding, setAdding] = useState<string | null>(null)
  const heading = useId()
  const entries = Object.entries(values)
  const name = (adding ?? '').trim().replaceAll(' ', '_')
  return (
    <section className={classes.values} aria-labelledby={heading}>
      <h3 className={classes.valuesTitle} id={heading}>
        {title}
      </h3>
      {entries.length === 0 && <p className={classes.small}>{empty}</p>}
      <dl className={classes.valueList}>
        {entries.map(([name, value]) => (
          <div key={name} className={classes.value}>
            <dt>{name.replaceAll('_', ' ')}</dt>
            <dd>
              {editing === name && onSet ? (
                <ValueForm
                  name={name}
                  value={value}
                  onDone={(next) => {
                    setEditing(null)
                    if (next !== undefined && JSON.stringify(next) !== JSON.stringify(value)) onSet(name, next)
                  }}
                />
              ) : (
                <>
                  <span className={`${classes.valueText} lined`} dir="auto">
                    {valueText(value, t)}
                  </span>
                  {onSet && (
                    <ActionIcon
                      size={28}
                      aria-label={t('values.change', { name: name.replaceAll('_', ' ') })}
                      onClick={() => setEditing(name)}
                    >
                      <IconPencil size={16} stroke={1.6} />
                    </ActionIcon>
                  )}
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {onSet && adding === null && (
        <Button
          size="compact-sm"
          variant="subtle"
          className="flush"
          leftSection={<IconPlus size={16} />}
          onClick={() => setAdding('')}
        >
          {t('values.add')}
        </Button>
      )}
      {onSet && adding !== null && (
        <form
          className={classes.until}
          onSubmit={(event) => {
            event.preventDefault()
            if (!NAME.test(name)) return
            onSet(name, values[name] ?? '')
            setAdding(null)
            setEditing(name)
          }}
        >
          <TextInput
            size="sm"
            autoFocus
            label={t('values.name')}
            value={adding}
            onChange={(event) => setAdding(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && setAdding(null)}
            error={name === '' || NAME.test(name) ? undefined : t('values.badName')}
          />
          <Button type="submit" size="sm" variant="default" disabled={!NAME.test(name)}>
            {t('common:next')}
          </Button>
        </form>
      )}
    </section>
  )
}

function ValueForm({ name, value, onDone }: { name: string; value: unknown; onDone: (value?: unknown) => void }) {
  const { t } = useTranslation('flowtries')
  const shape = shapeOf(value)
  const [words, setWords] = useState(() => toWords(value))
  const next = fromWords(words, shape)
  const label = name.replaceAll('_', ' ')
  const field = {
    size: 'sm' as const,
    'aria-label': label,
    autoFocus: true,
    value: words,
    error: next === undefined ? t(`values.bad_${shape}`) : undefined,
    onChange: (event: { currentTarget: { value: string } }) => setWords(event.currentTarget.value),
  }
  return (
    <form
      className={classes.valueForm}
      onSubmit={(event) => {
        event.preventDefault()
        if (next !== undefined) onDone(next)
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onDone()
      }}
    >
      {shape === 'yes_no' ? (
        <Select
          size="sm"
          aria-label={label}
          autoFocus
          value={words}
          onChange={(chosen) => setWords(chosen ?? 'false')}
          data={[
            { value: 'true', label: t('value.yes') },
            { value: 'false', label: t('value.no') },
          ]}
        />
      ) : shape === 'data' ? (
        <Textarea {...field} dir="ltr" minRows={3} maxRows={12} />
      ) : (
        <TextInput {...field} dir="auto" inputMode={shape === 'number' ? 'decimal' : 'text'} />
      )}
      <ActionIcon type="submit" aria-label={t('common:done')} disabled={next === undefined}>
        <IconCheck size={18} stroke={1.8} />
      </ActionIcon>
    </form>
  )
}
