// Settings, About: version, licences, and where the data is.
import { Anchor, Button, Modal } from '@mantine/core'
import { IconExternalLink, IconKey, IconLogout } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { del } from '@/api/client'
import { useSession, useStatus } from '@/api/queries'
import { tellError } from '@/components/notice'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import { StatusList, useStatusLines } from '@/components/StatusFoot'
import classes from '../Settings.module.css'
import { Doctor } from './Doctor'
import { KeepFiles } from './KeepFiles'
import { MovePanel } from './MovePanel'
import { PasswordForm } from './PasswordForm'
import { SupportPanel } from './SupportPanel'
import { UpdatePanel } from './UpdatePanel'

export function AboutSettings() {
  const { t } = useTranslation('settings')
  const { t: common } = useTranslation()
  const { data: status } = useStatus()
  const lines = useStatusLines()
  const { data: session } = useSession()
  const queries = useQueryClient()
  const [changing, setChanging] = useState(false)
  const logout = async () => {
    try {
      await del('/session')
      queries.clear()
      location.assign('/')
    } catch (error) {
      tellError(error)
    }
  }
  return (
    <Page size="narrow">
      <PageHeader
        title={t('about.title')}
        lead={status ? `${common('product')} · ${common('status.version', { version: status.version })}` : undefined}
      />
      {session?.user && (
        <Panel title={t('about.accountTitle')}>
          <div className={classes.stack}>
            <p className={classes.note}>
              {t('about.signedIn', { name: session.user.name, email: session.user.email })}
            </p>
            <div className={classes.inline}>
              <Button variant="default" leftSection={<IconKey size={16} />} onClick={() => setChanging(true)}>
                {t('about.password')}
              </Button>
              <Button variant="default" leftSection={<IconLogout size={16} />} onClick={() => void logout()}>
                {common('logout')}
              </Button>
            </div>
            <Modal opened={changing} onClose={() => setChanging(false)} title={t('about.password')}>
              <PasswordForm onDone={() => setChanging(false)} />
            </Modal>
          </div>
        </Panel>
      )}
      {status && (
        <Panel title={common('status.title')}>
          <StatusList lines={lines} />
        </Panel>
      )}
      <UpdatePanel />
      <Doctor />
      <Panel title={t('about.dataTitle')}>
        <div className={classes.stack}>
          <p className={classes.note}>{t('about.dataText')}</p>
          <KeepFiles />
        </div>
      </Panel>
      <MovePanel />
      <SupportPanel />
      <Panel title={t('about.madeOf')} lead={t('about.madeOfText')}>
        <Anchor className="tap" href="/licences.txt" target="_blank" rel="noreferrer" size="sm" fw={550}>
          {t('about.licences')} <IconExternalLink size={16} style={{ verticalAlign: '-3px' }} aria-hidden />
        </Anchor>
      </Panel>
    </Page>
  )
}
