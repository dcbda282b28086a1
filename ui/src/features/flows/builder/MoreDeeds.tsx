// The rest of what can be done with a flow: order, clipboard, files and pictures.
import { Menu } from '@mantine/core'
import {
  IconArrowsLeftRight,
  IconClipboard,
  IconFileExport,
  IconLayoutDistributeVertical,
  IconMap2,
  IconPhoto,
  IconVectorBezier2,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { tell, tellError } from '@/components/notice'
import { exportFlow } from '../api'
import type { Words } from '../canvas/drawing'
import { colorsNow, drawSvg, toPng } from '../canvas/picture'
import type { Editor } from '../model/editor'
import { download, fileName } from '../model/files'
import type { Kind } from '../types'
import type { BuilderDeeds } from './useDeeds'

export function MoreDeeds({
  botId,
  editor,
  kinds,
  words,
  deeds,
  drawing,
  minimap,
  onMinimap,
  onPorts,
  flush,
}: {
  botId: string
  editor: Editor
  kinds: ReadonlyMap<string, Kind>
  words: Words
  deeds: BuilderDeeds
  /** The canvas is shown, not the list. */
  drawing: boolean
  minimap: boolean
  onMinimap: (shown: boolean) => void
  onPorts: () => void
  flush: () => Promise<boolean>
}) {
  const { t } = useTranslation('flows')
  const picture = async (png: boolean) => {
    try {
      const { flow } = editor
      const svg = drawSvg(flow, kinds, words, colorsNow())
      const blob = png ? await toPng(svg) : new Blob([svg], { type: 'image/svg+xml' })
      if (blob) download(fileName(flow.name, png ? 'png' : 'svg'), blob)
      else tell(t('pictureTooLarge'))
    } catch {
      tell(t('pictureTooLarge'))
    }
  }
  const file = async () => {
    try {
      await flush()
      const definition = await exportFlow(botId, editor.flow.id)
      const blob = new Blob([JSON.stringify(definition, null, 2)], { type: 'application/json' })
      download(fileName(editor.flow.name, 'json'), blob)
    } catch (error) {
      tellError(error)
    }
  }
  return (
    <>
      {drawing && (
        <>
          <Menu.Item leftSection={<IconLayoutDistributeVertical size={16} />} onClick={deeds.tidy}>
            {t('arrange')}
          </Menu.Item>
          <Menu.Item leftSection={<IconMap2 size={16} />} onClick={() => onMinimap(!minimap)}>
            {t(minimap ? 'minimapHide' : 'minimapShow')}
          </Menu.Item>
        </>
      )}
      <Menu.Item
        leftSection={<IconClipboard size={16} />}
        onClick={() => {
          if (!deeds.pasteText('')) tell(t('pasteNothing'))
        }}
      >
        {t('pasteSteps')}
      </Menu.Item>
      <Menu.Item leftSection={<IconArrowsLeftRight size={16} />} onClick={onPorts}>
        {t('ports')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconFileExport size={16} />} onClick={() => void file()}>
        {t('exportFile')}
      </Menu.Item>
      <Menu.Item leftSection={<IconVectorBezier2 size={16} />} onClick={() => void picture(false)}>
        {t('exportSvg')}
      </Menu.Item>
      <Menu.Item leftSection={<IconPhoto size={16} />} onClick={() => void picture(true)}>
        {t('exportPng')}
      </Menu.Item>
    </>
  )
}
