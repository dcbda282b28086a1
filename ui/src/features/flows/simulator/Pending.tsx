// What the flow asked of the world outside: the owner says what came back, or lets it fail.
import { Button, Menu, NumberInput, Select, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { titleOf } from '../steps'
import type { Action, Kind, Simulated } from '../types'
import { wayTitle } from '../versions/changes'
import { failuresOf, givesOf, outcomeOf } from './outcomes'
import type { Places } from './places'
import classes from './Simulator.module.css'

type Item = Simulated['pending'][number]

export function Pending({
  pending,
  places,
  kinds,
  onAct,
}: {
  pending: Item[]
  places: Places
  kinds: Kind[]
  onAct: (action: Action) => void
}) {
  return pending.map((item) => <PendingItem key={item.seq} item={item} places={places} kinds={kinds} onAct={onAct} />)
}

/** Before any step, what a message is about decides which flow begins. */
function beginnings({ flows }: Places, kinds: Kind[]) {
  const kind = kinds.find((one) => one.name === 'message_received')
  return flows.flatMap((flow) =>
    flow.steps
      .filter((step) => step.kind === 'message_received' && step.fields.on === 'intent')
      .map((step) => ({ value: `${flow.id}/${step.id}`, label: `${flow.name}: ${titleOf(step, kind)}` })),
  )
}

function PendingItem({
  item,
  places,
  kinds,
  onAct,
}: {
  item: Item
  places: Places
  kinds: Kind[]
  onAct: (action: Action) => void
}) {
  const { t } = useTranslation('flowtries')
  const [words, setWords] = useState('')
  const [status, setStatus] = useState(200)
  const gives = givesOf(item.effect)
  const step = places.stepOf(item.step)
  const kind = kinds.find((one) => one.name === step?.kind)
  const give = (what: string) => onAct({ do: 'outcome', seq: item.seq, outcome: outcomeOf(gives, what, status) })
  const items = kind?.branches_from ? step?.fields[kind.branches_from] : undefined
  const ways = Array.isArray(items)
    ? (items as { id: string }[]).map(({ id }) => ({ value: id, label: wayTitle(step, id, kinds) }))
    : item.step
      ? []
      : beginnings(places, kinds)
  return (
    <form
      className={classes.pending}
      aria-label={t('pending.label')}
      onSubmit={(event) => {
        event.preventDefault()
        give(words)
      }}
    >
      <p className={classes.pendingTitle}>
        {step && <strong dir="auto">{titleOf(step, kind)}: </strong>}
        <span dir="auto">{item.says}</span>
      </p>
      {gives === 'class' ? (
        <Select
          size="sm"
          clearable
          allowDeselect
          label={t('pending.class')}
          placeholder={t('pending.noClass')}
          data={ways}
          value={words || null}
          onChange={(value) => setWords(value ?? '')}
        />
      ) : (
        gives !== 'decision' && (
          <Textarea
            size="sm"
            minRows={1}
            maxRows={6}
            maxLength={20_000}
            label={t(`pending.${gives}`)}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
            dir="auto"
          />
        )
      )}
      {gives === 'response' && (
        <NumberInput
          size="sm"
          label={t('pending.status')}
          min={100}
          max={599}
          value={status}
          onChange={(value) => setStatus(Number(value) || 200)}
        />
      )}
      <div className={classes.jumps}>
        {gives === 'decision' ? (
          <>
            <Button size="compact-sm" onClick={() => give('true')}>
              {t('value.yes')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => give('false')}>
              {t('value.no')}
            </Button>
          </>
        ) : (
          <Button type="submit" size="compact-sm">
            {t(gives === 'answer' && !words.trim() ? 'pending.unknown' : 'pending.give')}
          </Button>
        )}
        <Menu position="top-start">
          <Menu.Target>
            <Button size="compact-sm" variant="default">
              {t('pending.fail')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {failuresOf(item.effect).map((how) => (
              <Menu.Item key={how} onClick={() => onAct({ do: 'fail', seq: item.seq, how })}>
                {t(`fail.${how}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </form>
  )
}
