// Comparing two versions, over everything else.
import { Modal } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { versionsQuery } from '../api'
import { ChangesView } from './ChangesView'

export function CompareDialog({
  botId,
  from,
  to,
  onClose,
}: {
  botId: string
  /** Ids of versions, or `draft`; null keeps it closed. */
  from: string | null
  to: string | null
  onClose: () => void
}) {
  const { t } = useTranslation('flowtries')
  const narrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false }) ?? false
  const { data: versions = [] } = useQuery({ ...versionsQuery(botId), enabled: from !== null })
  const name = (id: string | null) => {
    const version = versions.find((one) => one.id === id)
    return version ? t('changes.aVersion', { number: version.number }) : t('changes.theDraft')
  }
  return (
    <Modal
      opened={from !== null && to !== null}
      onClose={onClose}
      size={1200}
      fullScreen={narrow}
      title={t('changes.title', { from: name(from), to: name(to) })}
    >
      {from !== null && to !== null && <ChangesView botId={botId} from={from} to={to} />}
    </Modal>
  )
}
