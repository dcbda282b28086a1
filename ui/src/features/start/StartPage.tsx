// The first ten minutes: four steps on one side, the chat open on the other. Can be left and comes back where it was.
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { patch } from '@/api/client'
import { businessQuery, homeQuery } from '@/api/queries'
import type { Business, Home } from '@/api/types'
import { Mark } from '@/components/Mark'
import { tellError } from '@/components/notice'
import { OfflineBanner } from '@/components/OfflineBanner'
import { Loading, QueryView } from '@/components/States'
import { AskStep } from './AskStep'
import { BusinessStep } from './BusinessStep'
import { ChannelStep } from './ChannelStep'
import { STEPS, type Step } from './index'
import { KnowledgeStep } from './KnowledgeStep'
import { SidePane } from './SidePane'
import classes from './Start.module.css'
import { StepBar } from './StepBar'

/** Where to go on: the first step that the program does not know as done. */
export function stepToResume(checklist: Home['checklist']): Step {
  const open = new Set(checklist.filter((item) => !item.done).map((item) => item.id))
  return STEPS.find((step) => open.has(step)) ?? 'channel'
}

export function StartPage() {
  const { t } = useTranslation('start')
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { step: chosen } = useSearch({ strict: false }) as { step?: Step }
  const business = useQuery(businessQuery)
  const home = useQuery(homeQuery)
  const [preview, setPreview] = useState<string | null>(null)
  // Found once: the list changes while a step is in hand, and must not pull it away.
  const [resume, setResume] = useState<Step | null>(null)
  useEffect(() => {
    if (home.data) setResume((now) => now ?? stepToResume(home.data.checklist))
  }, [home.data])
  useEffect(() => {
    document.title = `${t('title')} · ${t('common:product')}`
  }, [t])
  const step = chosen ?? resume
  const go = (to: Step) => void navigate({ to: '/start', search: { step: to } })
  const leave = async () => {
    try {
      queries.setQueryData(businessQuery.queryKey, await patch<Business>('/business', { setup_done: true }))
      void navigate({ to: '/' })
    } catch (error) {
      tellError(error)
    }
  }
  const at = step ? STEPS.indexOf(step) : 0
  const next = () => {
    const after = STEPS[at + 1]
    if (after) go(after)
    else void leave()
  }
  const before = STEPS[at - 1]
  const back = before ? () => go(before) : undefined
  return (
    <div className={classes.page}>
      <header className={classes.top}>
        <span className={classes.brand}>
          <Mark className={classes.mark} />
          <span className={classes.brandName}>{t('common:product')}</span>
        </span>
        <StepBar current={step ?? 'business'} done={home.data?.checklist ?? []} onGo={go} />
        <Button variant="subtle" color="gray" onClick={() => void leave()}>
          {t('later')}
        </Button>
      </header>
      <OfflineBanner />
      <div className={classes.columns}>
        <main className={classes.main}>
          <QueryView query={business} loading={<Loading shape="form" />}>
            {(data) => (
              <>
                {step === null && !home.isError && <Loading shape="form" />}
                {step === null && home.isError && <BusinessStep business={data} next={next} />}
                {step === 'business' && <BusinessStep business={data} next={next} />}
                {step === 'knowledge' && <KnowledgeStep business={data} next={next} back={back} />}
                {step === 'ask' && <AskStep next={next} back={back} />}
                {step === 'channel' && (
                  <ChannelStep business={data} onPreview={setPreview} finish={() => void leave()} back={back} />
                )}
              </>
            )}
          </QueryView>
        </main>
        <SidePane preview={step === 'channel' ? preview : null} forPhone={step === 'ask'} />
      </div>
    </div>
  )
}
