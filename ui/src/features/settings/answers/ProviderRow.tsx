// One answer service: its place, whether it is used, whether it works.
import { ActionIcon, Button, Menu, Switch } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconDots, IconGripVertical, IconPencil, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { Provider, ProviderTest } from '@/api/types'
import { errorText } from '@/components/errorText'
import { Tag } from '@/components/Tag'
import classes from './Answers.module.css'

export function ProviderRow({
  provider,
  index,
  count,
  move,
  dragged,
  setDragged,
  toggle,
  edit,
  remove,
}: {
  provider: Provider
  index: number
  count: number
  move: (from: number, to: number) => void
  dragged: number | null
  setDragged: (index: number | null) => void
  toggle: (enabled: boolean) => void
  edit: () => void
  remove: () => void
}) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const test = useMutation({
    mutationFn: () => post<ProviderTest>(`/settings/answers/providers/${provider.id}/test`),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['models'] }),
  })
  const { name } = provider
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is a shortcut; the arrows in the menu do the same
    <div
      className={classes.row}
      data-dragged={dragged === index || undefined}
      draggable={count > 1}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move'
        setDragged(index)
      }}
      onDragEnd={() => setDragged(null)}
      onDragOver={(event) => dragged !== null && event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        if (dragged !== null) move(dragged, index)
        setDragged(null)
      }}
    >
      {count > 1 && (
        <span className={classes.grip} title={t('answers.drag')}>
          <IconGripVertical size={18} aria-hidden />
        </span>
      )}
      <Switch
        checked={provider.enabled}
        onChange={(event) => toggle(event.currentTarget.checked)}
        aria-label={t('answers.use', { name })}
      />
      <div className={classes.words}>
        <div className={classes.name}>{name}</div>
        <div className={classes.text}>
          {t(`answers.kind.${provider.kind}`)} · {provider.model}
        </div>
        {test.data && (
          <div className={classes.result} data-ok={test.data.ok} role="status">
            {test.data.message}
          </div>
        )}
        {test.isError && (
          <div className={classes.result} data-ok={false} role="alert">
            {errorText(test.error)}
          </div>
        )}
      </div>
      <div className={classes.end}>
        {test.data && (
          <Tag tone={test.data.ok ? 'ok' : 'attention'}>{t(`answers.state.${test.data.ok ? 'ok' : 'failing'}`)}</Tag>
        )}
        <Button variant="default" size="xs" loading={test.isPending} onClick={() => test.mutate()}>
          {t('answers.test')}
        </Button>
        <Menu>
          <Menu.Target>
            <ActionIcon aria-label={`${t('common:more')}: ${name}`}>
              <IconDots size={20} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={edit}>
              {t('common:edit')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowUp size={16} />}
              disabled={index === 0}
              onClick={() => move(index, index - 1)}
            >
              {t('answers.up', { name })}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowDown size={16} />}
              disabled={index === count - 1}
              onClick={() => move(index, index + 1)}
            >
              {t('answers.down', { name })}
            </Menu.Item>
            <Menu.Item leftSection={<IconTrash size={16} />} color="danger" onClick={remove}>
              {t('common:remove')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  )
}
