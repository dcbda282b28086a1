// What customers asked that nobody has taught yet, and teaching it on the spot.
import { Anchor, Button, Modal } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Gap } from '@/api/types'
import { TeachForm } from '@/components/ask/TeachForm'
import { Panel, Row } from '@/components/Panel'
import { Ago } from '@/components/Time'
import classes from './Home.module.css'

export function GapsCard({ gaps }: { gaps: Gap[] }) {
  const { t } = useTranslation('home')
  const [teaching, setTeaching] = useState<Gap | null>(null)
  return (
    <Panel
      title={t('gapsTitle')}
      flush={gaps.length > 0}
      actions={
        gaps.length > 0 && (
          <Anchor
            className="tap"
            size="sm"
            fw={550}
            renderRoot={(props) => <Link {...props} to={'/knowledge/gaps' as '/'} />}
          >
            {t('gapsAll')}
          </Anchor>
        )
      }
    >
      {gaps.length === 0 ? (
        <p className={classes.none}>
          <strong>{t('gapsNone')}.</strong> {t('gapsNoneText')}
        </p>
      ) : (
        gaps.map((gap) => (
          <Row
            key={gap.id}
            title={<bdi>{gap.question}</bdi>}
            text={
              <>
                {t('asked', { count: gap.count })} · <Ago at={gap.last_asked_at} />
              </>
            }
            end={
              <Button variant="default" onClick={() => setTeaching(gap)} aria-label={`${t('teach')}: ${gap.question}`}>
                {t('teach')}
              </Button>
            }
          />
        ))
      )}
      <Modal opened={teaching !== null} onClose={() => setTeaching(null)} title={t('ask:teachTitle')} size="lg">
        {teaching && (
          <TeachForm
            question={teaching.question}
            gapId={teaching.id}
            onDone={() => setTeaching(null)}
            onCancel={() => setTeaching(null)}
          />
        )}
      </Modal>
    </Panel>
  )
}
