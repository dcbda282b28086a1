// Settings, Look: light or dark, and the colour of the business with its contrast checked.
import { Anchor, Button, ColorInput, SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { patch } from '@/api/client'
import { businessQuery } from '@/api/queries'
import type { Business } from '@/api/types'
import { tellError } from '@/components/notice'
import { Page, PageHeader } from '@/components/Page'
import { Panel } from '@/components/Panel'
import { Loading, QueryView } from '@/components/States'
import { brand } from '@/lib/brand'
import { contrast, parseHex, toHex } from '@/lib/color'
import classes from '../Settings.module.css'

/** The colour of those who chose none. */
const USUAL = brand.accent ?? '#0b7a5c'
const SWATCHES = [USUAL, '#1f5fa8', '#6b4fa3', '#a13d63', '#9a5a10', '#2f4858', '#b3402a', '#3d6b1f']

export function LookSettings() {
  const { t } = useTranslation('settings')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const query = useQuery(businessQuery)
  return (
    <Page size="narrow">
      <PageHeader title={t('look.title')} lead={t('look.lead')} />
      <Panel title={t('look.scheme')}>
        <SegmentedControl
          aria-label={t('look.scheme')}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as 'auto' | 'light' | 'dark')}
          data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`look.${value}`) }))}
        />
      </Panel>
      <QueryView query={query} loading={<Loading shape="form" count={1} />}>
        {(business) => <Accent business={business} />}
      </QueryView>
    </Page>
  )
}

function Accent({ business }: { business: Business }) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const [color, setColor] = useState(business.accent ?? USUAL)
  useEffect(() => setColor(business.accent ?? USUAL), [business.accent])
  const save = useMutation({
    mutationFn: (accent: string | null) => patch<Business>('/business', { accent }),
    onMutate: (accent) => queries.setQueryData<Business>(businessQuery.queryKey, { ...business, accent }),
    onSuccess: (next) => queries.setQueryData(businessQuery.queryKey, next),
    onError: (error) => {
      tellError(error)
      void queries.invalidateQueries({ queryKey: ['business'] })
    },
  })
  const rgb = parseHex(color)
  const readable = rgb ? contrast(rgb, [251, 250, 247]) >= 4.5 : true
  return (
    <>
      <Panel
        title={t('look.accent')}
        lead={t('look.accentHint')}
        actions={
          business.accent && (
            <Button variant="subtle" color="gray" onClick={() => save.mutate(null)}>
              {t('look.reset')}
            </Button>
          )
        }
      >
        <div className={classes.stack}>
          <ColorInput
            aria-label={t('look.accent')}
            size="md"
            value={color}
            format="hex"
            withEyeDropper={false}
            swatches={SWATCHES}
            swatchesPerRow={8}
            maw={280}
            onChange={setColor}
            onChangeEnd={(value) => {
              const parsed = parseHex(value)
              const hex = parsed && toHex(parsed)
              if (hex && hex !== (business.accent ?? USUAL)) save.mutate(hex === USUAL ? null : hex)
            }}
            error={color && !rgb ? t('look.bad') : undefined}
          />
          {rgb && business.accent && <p className={classes.note}>{t(readable ? 'look.fine' : 'look.adjusted')}</p>}
        </div>
      </Panel>
      <Panel title={t('look.sample')}>
        <div className={classes.inline}>
          <Button>{t('look.sampleButton')}</Button>
          <Button variant="light">{t('look.sampleButton')}</Button>
          <Anchor className="tap" component="button" type="button">
            {t('look.sampleLink')}
          </Anchor>
        </div>
      </Panel>
    </>
  )
}
