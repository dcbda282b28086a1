// What a flow is given when another flow uses it, and what it gives back.
import { ActionIcon, Button, Modal, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { type Editor, useEditor } from '../model/editor'
import type { Port, VarType } from '../types'
import classes from './Builder.module.css'

const TYPES: VarType[] = ['any', 'text', 'number', 'yes_no', 'date', 'time', 'list', 'object', 'file', 'location']
const MOST = 20

export function PortsDialog({ editor, opened, onClose }: { editor: Editor; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('flows')
  const { history } = useEditor(editor)
  const change = (side: 'inputs' | 'outputs', ports: Port[]) =>
    editor.edit((now) => ({ ...now, [side]: ports }), `ports ${side}`)
  return (
    <Modal opened={opened} onClose={onClose} title={t('ports')} size={600}>
      <p className={classes.quiet}>{t('portsLead')}</p>
      {(['inputs', 'outputs'] as const).map((side) => (
        <section key={side} className={classes.ports}>
          <h3>{t(`portsOf.${side}`)}</h3>
          <PortList ports={history.now[side]} onChange={(ports) => change(side, ports)} />
        </section>
      ))}
    </Modal>
  )
}

function PortList({ ports, onChange }: { ports: Port[]; onChange: (ports: Port[]) => void }) {
  const { t } = useTranslation('flows')
  const set = (at: number, part: Partial<Port>) =>
    onChange(ports.map((port, i) => (i === at ? { ...port, ...part } : port)))
  const double = (name: string) => ports.filter((port) => port.name === name).length > 1
  return (
    <>
      {ports.map((port, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names are being typed, the place is what stays
        <div key={i} className={classes.port}>
          <TextInput
            size="sm"
            aria-label={t('portName')}
            placeholder={t('portName')}
            value={port.name}
            maxLength={60}
            onChange={(event) => set(i, { name: asName(event.currentTarget.value) })}
            error={port.name && double(port.name) ? t('portTwice') : null}
          />
          <Select
            size="sm"
            aria-label={t('portType')}
            value={port.type}
            onChange={(type) => type && set(i, { type: type as VarType })}
            data={TYPES.map((value) => ({ value, label: t(`types.${value}`) }))}
          />
          <TextInput
            size="sm"
            aria-label={t('portHelp')}
            placeholder={t('portHelp')}
            value={port.help ?? ''}
            maxLength={200}
            dir="auto"
            onChange={(event) => set(i, { help: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={t('portRemove', { name: port.name })}
            onClick={() => onChange(ports.filter((_, at) => at !== i))}
          >
            <IconTrash size={16} stroke={1.6} />
          </ActionIcon>
        </div>
      ))}
      {ports.length < MOST && (
        <Button
          variant="subtle"
          size="compact-sm"
          className="flush"
          leftSection={<IconPlus size={16} />}
          onClick={() => onChange([...ports, { name: freeName(ports), type: 'text' }])}
        >
          {t('portAdd')}
        </Button>
      )}
    </>
  )
}

/** Names are written in expressions: letters, digits and lines, no digit first. */
const asName = (text: string) =>
  text
    .trimStart()
    .replace(/[\s-]+/g, '_')
    .replace(/[^A-Za-z0-9_]/g, '')
    .replace(/^\d+/, '')

function freeName(ports: Port[]): string {
  let name = 'value'
  for (let i = 2; ports.some((port) => port.name === name); i++) name = `value_${i}`
  return name
}
