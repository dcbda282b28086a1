// One test: its name, how it went, and the first thing that the flow said differently.
import { ActionIcon, Button, Menu, TextInput } from '@mantine/core'
import { IconDots, IconMessages, IconPencil, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { offerUndo, tellError, UNDO_MS } from '@/components/notice'
import { Tag } from '@/components/Tag'
import { Ago } from '@/components/Time'
import { useChangeTest, useDeleteTest } from '../api'
import type { Difference, FlowTest } from '../types'
import { Pieces } from '../versions/Pieces'
import { leave, stay } from './leaving'
import classes from './Tests.module.css'

type Result = { passed: boolean; difference?: Difference | null; at?: number }

export function TestRow({
  botId,
  flowId,
  test,
  result,
  onAccepted,
  onOpen,
}: {
  botId: string
  flowId: string
  test: FlowTest
  result: Result | null
  onAccepted: () => void
  onOpen: () => void
}) {
  const { t } = useTranslation('flowtries')
  const change = useChangeTest(botId, flowId)
  const remove = useDeleteTest(botId, flowId)
  const [naming, setNaming] = useState<string | null>(null)
  const rename = () => {
    const name = naming?.trim() ?? ''
    setNaming(null)
    if (name && name !== test.name) change.mutate({ testId: test.id, name }, { onError: tellError })
  }
  const discard = () => {
    leave(test.id, UNDO_MS, () => remove.mutateAsync(test.id).catch(tellError))
    offerUndo(t('tests.removed', { name: test.name }), () => stay(test.id))
  }
  return (
    <li className={classes.test} data-failed={result?.passed === false || undefined}>
      <div className={classes.testHead}>
        {naming === null ? (
          <span className={`${classes.name} lined`} dir="auto">
            {test.name}
          </span>
        ) : (
          <form
            className={classes.naming}
            onSubmit={(event) => {
              event.preventDefault()
              rename()
            }}
          >
            <TextInput
              size="sm"
              autoFocus
              aria-label={t('saveTest.name')}
              value={naming}
              maxLength={80}
              onChange={(event) => setNaming(event.currentTarget.value)}
              onBlur={rename}
              onKeyDown={(event) => {
                if (event.key !== 'Escape') return
                event.stopPropagation()
                setNaming(null)
              }}
            />
          </form>
        )}
        <Tag tone={!result ? 'off' : result.passed ? 'ok' : 'danger'}>
          {t(!result ? 'tests.notRun' : result.passed ? 'tests.passes' : 'tests.fails')}
        </Tag>
        <Menu>
          <Menu.Target>
            <ActionIcon size={32} aria-label={t('tests.menu', { name: test.name })}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconMessages size={16} stroke={1.6} />} onClick={onOpen}>
              {t('tests.open')}
            </Menu.Item>
            <Menu.Item leftSection={<IconPencil size={16} stroke={1.6} />} onClick={() => setNaming(test.name)}>
              {t('tests.rename')}
            </Menu.Item>
            <Menu.Item color="danger" leftSection={<IconTrash size={16} stroke={1.6} />} onClick={discard}>
              {t('common:remove')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {result?.passed === false && (
        <>
          {result.difference && <FirstDifference difference={result.difference} />}
          <div className={classes.deeds}>
            <Button size="compact-sm" variant="default" onClick={onOpen}>
              {t('tests.open')}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              loading={change.isPending}
              onClick={() =>
                change.mutate({ testId: test.id, accept: true }, { onSuccess: onAccepted, onError: tellError })
              }
            >
              {t('tests.accept')}
            </Button>
          </div>
        </>
      )}
      {test.last && (
        <p className={classes.small}>
          {t('tests.lastRun')} <Ago at={test.last.at} />
        </p>
      )}
    </li>
  )
}

function FirstDifference({ difference }: { difference: Difference }) {
  const { t } = useTranslation('flowtries')
  const { expected, got } = difference
  return (
    <dl className={classes.difference}>
      <div>
        <dt>{t('tests.expected', { line: difference.line + 1 })}</dt>
        <dd className="lined" dir="auto">
          {expected ? <Pieces before={expected} after={got ?? expected} side="before" /> : t('tests.silence')}
        </dd>
      </div>
      <div>
        <dt>{t('tests.got')}</dt>
        <dd className="lined" dir="auto">
          {got ? <Pieces before={expected ?? got} after={got} side="after" /> : t('tests.silence')}
        </dd>
      </div>
    </dl>
  )
}
