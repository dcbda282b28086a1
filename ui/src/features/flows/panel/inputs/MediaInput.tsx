// A picture, a film, a voice or a file: from this computer, or from an address.
import { Button, FileButton, Input, Progress, SegmentedControl, TextInput } from '@mantine/core'
import { IconFile, IconTrash, IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { upload } from '@/api/client'
import { errorText } from '@/components/errorText'
import { useFormat } from '@/components/useFormat'
import { record } from '../../steps/face'
import { ExpressionField } from '../ExpressionField'
import classes from '../Panel.module.css'
import { type InputProps, textOf, wrapOf } from './input'

type Uploaded = { stored?: string | null; mime?: string; filename?: string | null; size_bytes?: number | null }

const ACCEPT = {
  image: 'image/jpeg,image/png,image/webp',
  video: 'video/mp4,video/3gpp',
  audio: 'audio/aac,audio/mp4,audio/mpeg,audio/amr,audio/ogg',
  document: '*/*',
}
const MIME = { image: 'image/jpeg', video: 'video/mp4', audio: 'audio/mpeg', document: 'application/pdf' }

export function MediaInput({ field, input, value, onChange, problems }: InputProps<'media'>) {
  const { t } = useTranslation('flowsteps')
  const format = useFormat()
  const media = record(value) ?? {}
  const stored = textOf(media.stored)
  const url = textOf(media.url)
  const mime = textOf(media.mime)
  const [from, setFrom] = useState<'file' | 'address'>(url && !stored ? 'address' : 'file')
  const [share, setShare] = useState<number | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const kind = input.kinds[0] ?? 'document'
  const accept = input.kinds.includes('document') ? ACCEPT.document : input.kinds.map((one) => ACCEPT[one]).join(',')

  const send = async (file: File | null) => {
    if (!file) return
    const form = new FormData()
    form.append('file', file, file.name)
    setFailure(null)
    setShare(0)
    try {
      const made = await upload<Uploaded>('/media', form, setShare)
      onChange({
        stored: made.stored,
        mime: made.mime || file.type || MIME[kind],
        filename: made.filename ?? file.name,
        ...(made.size_bytes ? { size_bytes: made.size_bytes } : {}),
      })
    } catch (error) {
      setFailure(errorText(error))
    } finally {
      setShare(null)
    }
  }
  const wrap = wrapOf(field, problems)
  return (
    <Input.Wrapper size="md" {...wrap} error={failure ?? wrap.error} labelElement="div">
      <fieldset className={`${classes.bare} ${classes.stack}`} aria-label={field.label}>
        <SegmentedControl
          fullWidth
          aria-label={t('mediaFrom')}
          data={[
            { value: 'file', label: t('mediaFile') },
            { value: 'address', label: t('mediaAddress') },
          ]}
          value={from}
          onChange={(next) => setFrom(next === 'address' ? 'address' : 'file')}
        />
        {from === 'address' ? (
          <ExpressionField
            name={t('mediaAddress')}
            placeholder="https://"
            value={url}
            onChange={(next) =>
              onChange({ mime: mime || MIME[kind], ...(media.filename ? { filename: media.filename } : {}), url: next })
            }
          />
        ) : stored ? (
          <div className={classes.file}>
            {mime.startsWith('image/') ? (
              <img src={`/api/media/${stored}`} alt={textOf(media.filename)} loading="lazy" />
            ) : (
              <IconFile size={24} stroke={1.5} aria-hidden />
            )}
            <TextInput
              size="sm"
              aria-label={t('filename')}
              dir="auto"
              value={textOf(media.filename)}
              maxLength={200}
              onChange={(event) => onChange({ ...media, filename: event.currentTarget.value })}
            />
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              leftSection={<IconTrash size={16} />}
              onClick={() => onChange(undefined)}
            >
              {t('common:remove')}
            </Button>
          </div>
        ) : null}
        {from === 'file' && (
          <FileButton onChange={(file) => void send(file)} accept={accept}>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconUpload size={16} />} loading={share !== null}>
                {t(stored ? 'mediaReplace' : 'mediaChoose')}
              </Button>
            )}
          </FileButton>
        )}
        {share !== null && (
          <Progress value={share * 100} aria-label={t('mediaSending', { share: format.percent(share) })} />
        )}
      </fieldset>
    </Input.Wrapper>
  )
}
