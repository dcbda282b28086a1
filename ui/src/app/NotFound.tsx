// An address that leads nowhere.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '@/components/States'

export function NotFound() {
  const { t } = useTranslation()
  return (
    <EmptyState
      picture="search"
      title={t('notFoundTitle')}
      text={t('notFoundText')}
      action={<Button renderRoot={(props) => <Link {...props} to="/" />}>{t('goHome')}</Button>}
    />
  )
}
