// The places, with icons and words; at its foot how things are and who is here.
import { Menu, UnstyledButton } from '@mantine/core'
import {
  IconHelp,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconLogout,
  IconSearch,
  IconSwitchHorizontal,
} from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { del, put } from '@/api/client'
import { sessionQuery, useBusiness } from '@/api/queries'
import type { SessionInfo } from '@/api/types'
import { Face } from '@/components/Face'
import { isMac } from '@/components/KeyHelp'
import { Mark } from '@/components/Mark'
import { tellError } from '@/components/notice'
import { StatusFoot } from '@/components/StatusFoot'
import { Count } from '@/components/Tag'
import { places } from './places'
import classes from './Shell.module.css'
import { useBadges } from './useBadges'

export function Rail({
  narrow,
  onToggle,
  onSearch,
  onHelp,
}: {
  narrow: boolean
  onToggle: () => void
  onSearch: () => void
  onHelp: () => void
}) {
  const { t } = useTranslation()
  const { data: business } = useBusiness()
  const badges = useBadges()
  const Fold = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  return (
    <nav className={classes.rail} aria-label={t('places')}>
      <div className={classes.brand}>
        <Mark className={classes.mark} />
        {!narrow && (
          <span className={`${classes.name} lined`} dir="auto">
            {business?.name || t('product')}
          </span>
        )}
      </div>
      <UnstyledButton
        className={`${classes.item} ${classes.search}`}
        onClick={onSearch}
        aria-keyshortcuts={isMac ? 'Meta+K' : 'Control+K'}
      >
        <IconSearch size={18} stroke={1.6} aria-hidden />
        {!narrow && (
          <>
            <span className={classes.word}>{t('search')}</span>
            <span className={classes.keys} dir="ltr" aria-hidden="true">
              {isMac ? '⌘ K' : 'Ctrl K'}
            </span>
          </>
        )}
      </UnstyledButton>
      {places.map((place) => (
        <Link key={place.to} to={place.to} className={classes.item} activeOptions={{ exact: place.to === '/' }}>
          <place.icon size={20} stroke={1.6} aria-hidden />
          <span className={classes.word}>{t(place.label)}</span>
          {place.badge && badges[place.badge] > 0 && (
            <Count value={badges[place.badge]} {...(place.badge === 'waiting' ? { tone: 'attention' as const } : {})} />
          )}
        </Link>
      ))}
      <div className={classes.gap} />
      <div className={classes.foot}>
        <StatusFoot narrow={narrow} />
        <Account narrow={narrow} onHelp={onHelp} />
        <UnstyledButton className={classes.item} onClick={onToggle} aria-label={t(narrow ? 'expand' : 'collapse')}>
          <Fold size={20} stroke={1.6} aria-hidden className={classes.flip} />
          {!narrow && <span className={classes.word}>{t('collapse')}</span>}
        </UnstyledButton>
      </div>
    </nav>
  )
}

function Account({ narrow, onHelp }: { narrow: boolean; onHelp: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const { data: session } = useQuery(sessionQuery)
  if (!session?.user) return null
  const { user, workspace, workspaces } = session
  const logout = async () => {
    try {
      await del('/session')
      queries.clear()
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
      location.assign('/')
    } catch (error) {
      tellError(error)
    }
  }
  const change = async (id: string) => {
    try {
      const next = await put<SessionInfo>('/session/workspace', { id })
      queries.clear()
      queries.setQueryData(sessionQuery.queryKey, next)
      location.assign('/')
    } catch (error) {
      tellError(error)
    }
  }
  return (
    <Menu position="right-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.item} aria-label={`${t('account')}: ${user.name}`}>
          <Face name={user.name} size={24} />
          {!narrow && (
            <span className={`${classes.word} ${classes.who}`}>
              <span className={classes.person}>{user.name}</span>
            </span>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.email}</Menu.Label>
        {workspaces
          .filter((other) => other.id !== workspace?.id)
          .map((other) => (
            <Menu.Item
              key={other.id}
              leftSection={<IconSwitchHorizontal size={16} />}
              onClick={() => void change(other.id)}
            >
              {other.name}
            </Menu.Item>
          ))}
        <Menu.Item leftSection={<IconHelp size={16} />} onClick={onHelp}>
          {t('keys')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logout()}>
          {t('logout')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
