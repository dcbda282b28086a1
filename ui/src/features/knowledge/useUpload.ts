// Sends dropped files; those that cannot be taken say why.
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { request } from '@/api/client'
import type { UploadResult } from '@/api/types'
import { tell, tellError } from '@/components/notice'

export function useUpload() {
  const { t } = useTranslation('knowledge')
  const queries = useQueryClient()
  return async (files: File[]) => {
    const form = new FormData()
    for (const file of files) form.append('file', file, file.name)
    try {
      const { items } = await request<UploadResult>('POST', '/sources/files', { body: form })
      for (const { name, source, error } of items) {
        if (source) tell(t('added', { title: source.title }))
        else if (error) tell(`${t('sources:notAdded', { name })}. ${error.message}`)
      }
    } catch (error) {
      tellError(error)
    }
    for (const tag of ['sources', 'home']) void queries.invalidateQueries({ queryKey: [tag] })
  }
}
