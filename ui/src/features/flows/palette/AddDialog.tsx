// Asks which step shall stand at a place: after a way, on one, or where somebody clicked.
import { Modal } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import type { Kind } from '../types'
import { Palette } from './Palette'

export function AddDialog({
  kinds,
  opened,
  following,
  onPick,
  onClose,
}: {
  kinds: Kind[]
  opened: boolean
  /** It will be reached by a way, so that no trigger fits there. */
  following: boolean
  onPick: (kind: string) => void
  onClose: () => void
}) {
  const { t } = useTranslation('flows')
  const narrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false }) ?? false
  const offered = following ? kinds.filter((kind) => !kind.entry && kind.name !== 'comment') : kinds
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('addTitle')}
      size={420}
      padding={narrow ? 'md' : 'lg'}
      fullScreen={narrow}
      styles={{ body: { padding: '0 4px 4px', blockSize: narrow ? 'calc(100dvh - 60px)' : 'min(60vh, 520px)' } }}
    >
      <Palette kinds={offered} onPick={onPick} autoFocus />
    </Modal>
  )
}
