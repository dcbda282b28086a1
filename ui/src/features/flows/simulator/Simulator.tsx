// The talk beside the canvas: any customer, any channel, the same engine on a clock that obeys.
import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core'
import { IconRefresh, IconX } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { useShortcuts } from '@/lib/shortcuts'
import type { Flow, Kind } from '../types'
import { ClockBar } from './ClockBar'
import { Composer } from './Composer'
import { CustomerForm, CustomerLine } from './Customer'
import { PathList } from './PathList'
import { Pending } from './Pending'
import { usePlaces } from './places'
import { SaveTest } from './SaveTest'
import classes from './Simulator.module.css'
import { back, canGoBack, forward, played, restart, scriptOf } from './script'
import { Talk } from './Talk'
import { useSimulation } from './useSimulation'
import { ValueList } from './ValueList'

type Tab = 'talk' | 'values' | 'path'

export function Simulator({
  botId,
  flow,
  kinds,
  onPath,
  onClose,
}: {
  botId: string
  flow: Flow
  kinds: Kind[]
  onPath: (path: { step: string; branch?: string }[]) => void
  onClose: () => void
}) {
  const { t } = useTranslation('flowtries')
  const [tab, setTab] = useState<Tab>('talk')
  const [who, setWho] = useState(false)
  const { book, change, perform, result, busy, error, again } = useSimulation(botId, flow, who)
  const places = usePlaces(botId, flow)
  const tell = useRef(onPath)
  tell.current = onPath

  const path = useMemo(() => (result?.path ?? []).filter((step) => step.flow === flow.id), [result, flow.id])
  useEffect(() => {
    tell.current(path.map(({ step, branch }) => (branch ? { step, branch } : { step })))
  }, [path])
  // Closed, the path goes dark.
  useEffect(
    () => () => {
      tell.current([])
    },
    [],
  )

  useShortcuts(t('title'), [
    { keys: '[', label: t('back'), run: () => change(back) },
    { keys: ']', label: t('forward'), run: () => change(forward) },
    { keys: '.', label: t('pass.next'), run: () => canGoBack(book) && perform({ do: 'until_next' }) },
  ])

  const actions = played(book)
  return (
    <section className={classes.simulator} aria-label={t('title')}>
      <header className={classes.head}>
        <h2 className={classes.title}>{t('title')}</h2>
        <SaveTest botId={botId} flowId={flow.id} script={scriptOf(book, flow.id)} disabled={actions.length === 0} />
        <Tooltip label={t('restart')}>
          <ActionIcon aria-label={t('restart')} onClick={() => change(restart)} disabled={actions.length === 0}>
            <IconRefresh size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('common:close')}>
          <ActionIcon aria-label={t('close')} onClick={onClose}>
            <IconX size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </header>
      <CustomerLine setup={book.setup} open={who} onToggle={() => setWho((now) => !now)} />
      {who ? (
        <div className={classes.scroll}>
          <CustomerForm
            setup={book.setup}
            onChange={(setup) => change((now) => ({ ...now, setup }))}
            onDone={() => setWho(false)}
          />
        </div>
      ) : (
        <>
          <SegmentedControl
            className={classes.tabs ?? ''}
            size="xs"
            value={tab}
            onChange={(value) => setTab(value as Tab)}
            aria-label={t('tabs.label')}
            data={(['talk', 'values', 'path'] as const).map((value) => ({ value, label: t(`tabs.${value}`) }))}
          />
          {tab === 'talk' && (
            <Talk
              flow={flow}
              actions={actions}
              result={result}
              busy={busy}
              onAct={perform}
              onBack={(at) => change((now) => ({ ...now, at }))}
            />
          )}
          {tab === 'values' && (
            <div className={classes.scroll}>
              <ValueList
                title={t('values.title')}
                empty={t('values.empty')}
                values={result?.variables ?? {}}
                {...(actions.length > 0 ? { onSet: (name, value) => perform({ do: 'set', name, value }) } : {})}
              />
              <ValueList
                title={t('values.contact')}
                empty={t('values.contactEmpty')}
                values={result?.contact ?? book.setup.contact}
              />
            </div>
          )}
          {tab === 'path' && <PathList path={result?.path ?? []} places={places} kinds={kinds} />}
          {error !== null && (
            <p className={classes.failed} role="alert">
              {errorText(error)}{' '}
              <Button size="compact-sm" variant="subtle" onClick={again}>
                {t('common:retry')}
              </Button>
            </p>
          )}
          {result && <Pending pending={result.pending} places={places} kinds={kinds} onAct={perform} />}
          <ClockBar book={book} result={result} places={places} kinds={kinds} onChange={change} onAct={perform} />
          <Composer book={book} result={result} flow={flow} kinds={kinds} onAct={perform} />
        </>
      )}
    </section>
  )
}
