// The sentence for a failure: the program's own when it has one, else ours for the kind.
import { ApiError } from '@/api/client'
import { i18next } from '@/i18n'

export function errorText(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.message) return error.message
    const key = `error.${error.code}`
    if (i18next.exists(key)) return i18next.t(key)
  }
  return i18next.t('error.other')
}

/** The program's words about single fields, as Mantine forms want them. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  return Object.fromEntries(error.fields.map(({ field, message }) => [field, message]))
}
