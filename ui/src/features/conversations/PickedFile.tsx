// The picked file above the words: what it is, how far it has gone, and why it was refused.
import { ActionIcon, Checkbox, Progress, VisuallyHidden } from '@mantine/core'
import { IconPaperclip, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { useFormat } from '@/components/useFormat'
import { type Picked, sendAsDocument, unpick } from './files'
import classes from './Inbox.module.css'

export function PickedFile({
  conversationId,
  picked,
  problemId,
  onRemoved,
}: {
  conversationId: string
  picked: Picked
  /** The id of the sentence that says what is wrong, for the field that is described by it. */
  problemId: string
  onRemoved: () => void
}) {
  const { t } = useTranslation('inbox')
  const format = useFormat()
  const { file, progress, error } = picked
  const busy = progress !== null
  const share = Math.round((progress ?? 0) * 100)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would frame one file like a form of its own
    <div className={classes.picked} role="group" aria-label={t('file.picked', { name: file.name })}>
      <div className={classes.pickedFile}>
        <IconPaperclip size={18} stroke={1.6} aria-hidden />
        <span className={classes.pickedName} dir="auto">
          {file.name}
        </span>
        <span className={classes.pickedSize} aria-hidden={busy}>
          {busy ? t('file.sending', { share: format.percent(share / 100) }) : format.bytes(file.size)}
        </span>
        {!busy && (
          <ActionIcon
            size={28}
            aria-label={t('file.remove', { name: file.name })}
            onClick={() => {
              unpick(conversationId)
              onRemoved()
            }}
          >
            <IconX size={16} stroke={1.8} />
          </ActionIcon>
        )}
      </div>
      {/* Said once, not with every percent. */}
      <VisuallyHidden role="status">{busy ? t('file.progress', { name: file.name }) : ''}</VisuallyHidden>
      {busy && <Progress value={share} size="xs" aria-label={t('file.progress', { name: file.name })} />}
      {!busy && /^(image|video|audio)\//.test(file.type) && (
        <Checkbox
          size="xs"
          radius={4}
          label={t('file.asDocument')}
          checked={picked.asDocument}
          onChange={(event) => sendAsDocument(conversationId, event.currentTarget.checked)}
        />
      )}
      {error !== null && (
        <p id={problemId} className={classes.pickedProblem} role="alert">
          {errorText(error)}
        </p>
      )}
    </div>
  )
}
