// Drawing a way without a pointer: which way, and to which step.
import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Words } from '../canvas/drawing'
import { connect, disconnect } from '../model/editing'
import type { Editor } from '../model/editor'
import { find, inOrder } from '../model/walk'
import { freeWay, refusal, shownWays } from '../model/ways'
import { StepIcon } from '../steps'
import type { Kind, Step } from '../types'
import classes from './Builder.module.css'

type Props = { editor: Editor; step: Step; kinds: ReadonlyMap<string, Kind>; words: Words; onClose: () => void }

export function ConnectDialog({ step, ...props }: Omit<Props, 'step'> & { step: Step | null }) {
  const { t } = useTranslation('flows')
  return (
    <Modal opened={step !== null} onClose={props.onClose} title={t('connectTitle')} size={460}>
      {step && <Form step={step} {...props} />}
    </Modal>
  )
}

function Form({ editor, step, kinds, words, onClose }: Props) {
  const { t } = useTranslation('flows')
  const { flow } = editor
  const kind = kinds.get(step.kind)
  const ways = shownWays(step, kind, flow.edges, true)
  const [branch, setBranch] = useState(freeWay(flow, step, kind) ?? ways[0]?.branch ?? '')
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const old = flow.edges.find((edge) => edge.from === step.id && edge.branch === branch)
  const byId = new Map(flow.steps.map((one) => [one.id, one]))
  const title = (one: Step | undefined) => (one ? words.titleOf(one, kinds.get(one.kind)) : '')
  const allowed = inOrder(flow, kinds).filter((one) => refusal(flow, kinds, step.id, branch, one.id) === null)
  const found = find(allowed, query, (one) => `${title(one)} ${words.faceOf(one, kinds.get(one.kind))}`).slice(0, 60)
  const current = found[Math.min(at, found.length - 1)]
  const choose = (to: string) => {
    editor.edit((now) => connect(now, { from: step.id, branch, to }))
    onClose()
  }
  if (ways.length === 0) return <p className={classes.quiet}>{t('connectNone')}</p>
  return (
    <div className={classes.connect}>
      <Select
        label={t('connectWay')}
        value={branch}
        onChange={(value) => value && setBranch(value)}
        data={ways.map((way) => ({ value: way.branch, label: words.wayTitle(way) }))}
      />
      {old && (
        <p className={classes.quiet}>
          {t('connectNow', { title: title(byId.get(old.to)) })}{' '}
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => {
              editor.edit((now) => disconnect(now, [old]))
              onClose()
            }}
          >
            {t('connectCut')}
          </Button>
        </p>
      )}
      <TextInput
        data-autofocus
        label={t('connectTo')}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault()
            setAt((now) => Math.max(0, Math.min(found.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))))
          }
          if (event.key === 'Enter' && current) choose(current.id)
        }}
      />
      <ul className={`${classes.plainList} ${classes.connectList}`}>
        {found.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className={classes.foundStep}
              data-current={one === current || undefined}
              onClick={() => choose(one.id)}
            >
              <StepIcon kind={one.kind} size={16} />
              <span className={classes.foundWords}>
                <bdi>{title(one)}</bdi>
                <span className={classes.quiet} dir="auto">
                  {words.faceOf(one, kinds.get(one.kind))}
                </span>
              </span>
            </button>
          </li>
        ))}
        {found.length === 0 && <li className={classes.quiet}>{t('findNone')}</li>}
      </ul>
    </div>
  )
}
