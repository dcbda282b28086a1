// What the parts of the place have in common: heading, tabs, and asking beside them.
import { Button, Drawer } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconMessageQuestion } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { sourcesQuery } from '@/api/queries'
import { Page, PageHeader } from '@/components/Page'
import { useShortcuts } from '@/lib/shortcuts'
import { AskPane } from './AskPane'
import classes from './Knowledge.module.css'
import { KnowledgeTabs } from './Tabs'

export function Frame({
  here,
  title,
  lead,
  actions,
  children,
}: {
  here: 'sources' | 'gaps' | 'answers'
  title: string
  lead: string
  actions?: ReactNode
  children: ReactNode
}) {
  const { t } = useTranslation('knowledge')
  const navigate = useNavigate()
  const sources = useQuery(sourcesQuery)
  const wide = useMediaQuery('(min-width: 1180px)', true, { getInitialValueInEffect: false })
  const [asking, setAsking] = useState(false)
  useShortcuts(t('keys.title'), [
    {
      keys: 'n',
      label: t('keys.add'),
      run: () => void navigate({ to: '/knowledge' as '/', search: { add: 'file' } as never }),
    },
    {
      keys: 'a',
      label: t('keys.ask'),
      run: () => (wide ? document.querySelector<HTMLElement>('[data-ask] textarea')?.focus() : setAsking(true)),
    },
  ])
  // Until the list is there nothing says that there is nothing to ask.
  const ready = sources.data?.items.some((source) => source.state === 'ready') ?? sources.isPending
  return (
    <div className={classes.place} data-wide={wide || undefined}>
      <div className={classes.main}>
        <Page>
          <PageHeader
            title={title}
            lead={lead}
            actions={
              <>
                {!wide && (
                  <Button
                    variant="default"
                    leftSection={<IconMessageQuestion size={16} stroke={1.6} />}
                    onClick={() => setAsking(true)}
                  >
                    {t('ask')}
                  </Button>
                )}
                {actions}
              </>
            }
          />
          <KnowledgeTabs here={here} />
          {children}
        </Page>
      </div>
      {wide ? (
        <aside className={classes.ask} aria-label={t('askOpen')} data-ask="">
          <AskPane ready={ready} title={t('askTitle')} />
        </aside>
      ) : (
        <Drawer
          opened={asking}
          onClose={() => setAsking(false)}
          position="right"
          size="md"
          title={t('askTitle')}
          classNames={{ content: classes.askContent ?? '', body: classes.askDrawer ?? '' }}
        >
          <AskPane ready={ready} />
        </Drawer>
      )}
    </div>
  )
}
