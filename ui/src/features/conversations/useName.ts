// What a customer is called: by name, else by number, else as what they are.
import { useTranslation } from 'react-i18next'
import type { Summary } from './types'

export function useName() {
  const { t } = useTranslation('inbox')
  return ({ contact, channel }: Pick<Summary, 'contact' | 'channel'>): string =>
    contact.name || contact.handle || t(channel.kind === 'webchat' ? 'visitor' : 'nameless')
}
