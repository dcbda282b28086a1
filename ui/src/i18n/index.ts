// The words: one namespace per feature, English first; the direction of reading follows the language.
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { brand } from '@/lib/brand'

const files = import.meta.glob<Record<string, unknown>>('./*/*.json', { eager: true, import: 'default' })

/** `{en: {home: {…}}}` from the file names. */
const resources: Record<string, Record<string, Record<string, unknown>>> = {}
for (const [path, words] of Object.entries(files)) {
  const [, language, namespace] = /^\.\/([^/]+)\/([^/]+)\.json$/.exec(path) ?? []
  if (!language || !namespace) continue
  resources[language] ??= {}
  resources[language][namespace] = words
}

export const languages = Object.keys(resources)

const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur', 'ps', 'ckb', 'dv', 'sd', 'ug', 'yi']

/** `?dir=rtl` turns the page around for tests, whatever the language. */
const forced = typeof location === 'undefined' ? null : new URLSearchParams(location.search).get('dir')

export function directionOf(language: string): 'ltr' | 'rtl' {
  if (forced === 'rtl' || forced === 'ltr') return forced
  return RIGHT_TO_LEFT.includes(language.split('-')[0] ?? '') ? 'rtl' : 'ltr'
}

void i18next.use(initReactI18next).init({
  resources,
  lng: brand.language && resources[brand.language] ? brand.language : 'en',
  fallbackLng: 'en',
  defaultNS: 'common',
  interpolation: { escapeValue: false, defaultVariables: { product: brand.product_name } },
  returnNull: false,
  initAsync: false,
})

export { i18next }
