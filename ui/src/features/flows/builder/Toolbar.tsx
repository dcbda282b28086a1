// Over the canvas: where one is, whether it is kept, and what can be done with the whole flow.
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconChartBar,
  IconChevronDown,
  IconDots,
  IconList,
  IconMap2,
  IconPlayerPlay,
  IconSearch,
  IconSitemap,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { SaveState, type Saving } from '@/components/SaveState'
import { TestsMark } from '../tests/TestsMark'
import type { FlowSummary } from '../types'
import classes from './Builder.module.css'

export type Side = 'try' | 'tests' | 'versions' | 'runs' | 'problems'
export const DAYS = [1, 7, 30]

export type ToolbarProps = {
  botId: string
  flowId: string
  name: string
  flows: FlowSummary[]
  saving: Saving
  problems: number
  canUndo: boolean
  canRedo: boolean
  side: Side | null
  days: number | null
  list: boolean
  narrow: boolean
  on: {
    undo: () => void
    redo: () => void
    find: () => void
    side: (side: Side) => void
    days: (days: number | null) => void
    list: (list: boolean) => void
    publish: () => void
    rename: () => void
    leave: (flowId: string) => void
  }
  /** Further deeds, as items of the menu. */
  more: ReactNode
}

export function Toolbar(props: ToolbarProps) {
  const { t } = useTranslation('flows')
  const { on, narrow, side } = props
  const icon = (label: string, Icon: typeof IconSearch, run: () => void, extra: object = {}) => (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={run} {...extra}>
        <Icon size={20} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  )
  return (
    <header className={classes.toolbar}>
      <Link
        to={`/bots/${props.botId}` as '/'}
        className={classes.back}
        aria-label={t('allFlows')}
        title={t('allFlows')}
      >
        <IconArrowLeft size={20} stroke={1.6} className={classes.flip} aria-hidden />
      </Link>
      <Switcher {...props} />
      <SaveState state={props.saving} />
      {!narrow && (
        <TestsMark botId={props.botId} flowId={props.flowId} onOpen={() => side !== 'tests' && on.side('tests')} />
      )}
      <span className={classes.gap} />
      {icon(t('undo'), IconArrowBackUp, on.undo, { disabled: !props.canUndo, className: classes.flip })}
      {icon(t('redo'), IconArrowForwardUp, on.redo, { disabled: !props.canRedo, className: classes.flip })}
      {!narrow && icon(t('find'), IconSearch, on.find)}
      {!narrow &&
        icon(t(props.list ? 'asDrawing' : 'asList'), props.list ? IconSitemap : IconList, () => on.list(!props.list))}
      {!narrow && <TrafficMenu {...props} />}
      {props.problems > 0 && (
        <Button
          variant="subtle"
          color="attention"
          size="compact-md"
          leftSection={<IconAlertTriangle size={16} />}
          aria-label={t('problemsCount', { count: props.problems })}
          aria-pressed={side === 'problems'}
          onClick={() => on.side('problems')}
        >
          {props.problems}
        </Button>
      )}
      <Menu width={240}>
        <Menu.Target>
          <ActionIcon aria-label={t('moreDeeds')}>
            <IconDots size={20} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {narrow && (
            <>
              <Menu.Item leftSection={<IconSearch size={16} />} onClick={on.find}>
                {t('find')}
              </Menu.Item>
              <Menu.Item
                leftSection={props.list ? <IconMap2 size={16} /> : <IconList size={16} />}
                onClick={() => on.list(!props.list)}
              >
                {t(props.list ? 'asDrawing' : 'asList')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconChartBar size={16} />}
                onClick={() => on.days(props.days === null ? 7 : null)}
              >
                {t(props.days === null ? 'traffic' : 'trafficOff')}
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          {(['tests', 'runs', 'versions'] as const).map((name) => (
            <Menu.Item key={name} onClick={() => on.side(name)}>
              {t(`sides.${name}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {props.more}
        </Menu.Dropdown>
      </Menu>
      <Button
        variant={side === 'try' ? 'light' : 'default'}
        leftSection={<IconPlayerPlay size={16} />}
        aria-pressed={side === 'try'}
        onClick={() => on.side('try')}
      >
        {t('try')}
      </Button>
      <Button onClick={on.publish}>{t('publish')}</Button>
    </header>
  )
}

function Switcher({ flows, flowId, name, on }: ToolbarProps) {
  const { t } = useTranslation('flows')
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <button type="button" className={classes.name} aria-label={t('switcher', { name })}>
          <h1>
            <bdi>{name}</bdi>
          </h1>
          <IconChevronDown size={16} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu ?? ''}>
        {flows.map((flow) => (
          <Menu.Item key={flow.id} disabled={flow.id === flowId} onClick={() => on.leave(flow.id)}>
            <bdi>{flow.name}</bdi>
            {flow.folder && <span className={classes.quiet}> · {flow.folder}</span>}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={on.rename}>{t('rename')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function TrafficMenu({ days, on }: ToolbarProps) {
  const { t } = useTranslation('flows')
  return (
    <Menu width={220}>
      <Menu.Target>
        <Tooltip label={t('traffic')}>
          <ActionIcon
            aria-label={t('traffic')}
            variant={days === null ? 'subtle' : 'light'}
            aria-pressed={days !== null}
          >
            <IconChartBar size={20} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('traffic')}</Menu.Label>
        {DAYS.map((count) => (
          <Menu.Item key={count} aria-current={days === count} onClick={() => on.days(count)}>
            {t('trafficDays', { count })}
          </Menu.Item>
        ))}
        {days !== null && <Menu.Item onClick={() => on.days(null)}>{t('trafficOff')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  )
}
