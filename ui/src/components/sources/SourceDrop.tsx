// The place to drop what customers ask about; what cannot be taken says why at once.
import { Button } from '@mantine/core'
import { Dropzone, type FileRejection } from '@mantine/dropzone'
import '@mantine/dropzone/styles.layer.css'
import { IconAlertTriangle, IconFileUpload } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { request } from '@/api/client'
import type { UploadResult } from '@/api/types'
import { errorText } from '@/components/errorText'
import { useFormat } from '@/components/useFormat'
import classes from './Sources.module.css'

export const LARGEST_FILE_BYTES = 50_000_000

type Refusal = { name: string; why: string }

export function SourceDrop({
  onAdded,
  compact,
  botIds,
}: {
  onAdded?: (result: UploadResult) => void
  compact?: boolean
  botIds?: string[] | null
}) {
  const { t } = useTranslation('sources')
  const format = useFormat()
  const queries = useQueryClient()
  const open = useRef<() => void>(null)
  const [refused, setRefused] = useState<Refusal[]>([])
  const upload = useMutation({
    mutationFn: (files: File[]) => {
      const form = new FormData()
      for (const file of files) form.append('file', file, file.name)
      if (botIds) form.append('bot_ids', JSON.stringify(botIds))
      return request<UploadResult>('POST', '/sources/files', { body: form })
    },
    onSuccess: (result) => {
      setRefused((all) => [
        ...all,
        ...result.items.flatMap(({ name, error }) => (error ? [{ name, why: error.message }] : [])),
      ])
      void queries.invalidateQueries({ queryKey: ['sources'] })
      void queries.invalidateQueries({ queryKey: ['home'] })
      onAdded?.(result)
    },
  })
  const reject = (rejections: FileRejection[]) =>
    setRefused(
      rejections.map(({ file }) => ({
        name: file.name,
        why: t('tooLarge', { name: file.name, size: format.bytes(LARGEST_FILE_BYTES) }),
      })),
    )
  return (
    <div>
      <Dropzone
        openRef={open}
        onDrop={(files) => {
          setRefused([])
          upload.mutate(files)
        }}
        onReject={reject}
        maxSize={LARGEST_FILE_BYTES}
        loading={upload.isPending}
        activateOnClick={false}
        className={classes.drop ?? ''}
        data-compact={compact || undefined}
        aria-label={t('drop')}
      >
        <IconFileUpload size={compact ? 24 : 32} stroke={1.4} aria-hidden className={classes.dropIcon} />
        <div>
          <div className={classes.dropTitle}>{t('drop')}</div>
          <div className={classes.dropText}>{t('dropFormats', { size: format.bytes(LARGEST_FILE_BYTES) })}</div>
        </div>
        <Button variant="default" onClick={() => open.current?.()} className={classes.choose ?? ''}>
          {t('choose')}
        </Button>
      </Dropzone>
      {upload.isError && (
        <p className={classes.refused} role="alert">
          {errorText(upload.error)}
        </p>
      )}
      {refused.map(({ name, why }) => (
        <p key={name} className={classes.refused} role="alert">
          <IconAlertTriangle size={16} aria-hidden />
          <span>
            <strong>{t('notAdded', { name })}.</strong> {why}
          </span>
        </p>
      ))}
    </div>
  )
}
