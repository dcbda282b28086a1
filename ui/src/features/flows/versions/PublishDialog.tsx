// Putting the drafts before customers: what would change, what speaks against it, and who is in the middle of something.
import { Button, Modal, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { errorText } from '@/components/errorText'
import { offerUndo, tell, tellError } from '@/components/notice'
import { Loading, QueryView } from '@/components/States'
import { useFormat } from '@/components/useFormat'
import { publishPreviewQuery, usePublish, useRestoreVersion, versionsQuery } from '../api'
import { fromField, nextAt, toField } from '../simulator/times'
import { useZone } from '../simulator/useZone'
import type { PublishPreview } from '../types'
import { ChangesBrief, FindingsBrief, TestsBrief } from './Briefs'
import { type Choice, conversationsOf, moveOf } from './moving'
import { OpenConversations } from './OpenConversations'
import classes from './Versions.module.css'

export function PublishDialog({ botId, opened, onClose }: { botId: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('flowtries')
  const narrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false }) ?? false
  const preview = useQuery({ ...publishPreviewQuery(botId), enabled: opened })
  return (
    <Modal opened={opened} onClose={onClose} title={t('publish.title')} size={680} fullScreen={narrow}>
      <QueryView query={preview} loading={<Loading shape="text" count={8} />}>
        {(data) => <Publishing botId={botId} preview={data} onClose={onClose} />}
      </QueryView>
    </Modal>
  )
}

function Publishing({ botId, preview, onClose }: { botId: string; preview: PublishPreview; onClose: () => void }) {
  const { t } = useTranslation('flowtries')
  const format = useFormat()
  const zone = useZone()
  const publish = usePublish(botId)
  const restore = useRestoreVersion(botId)
  const { data: versions = [] } = useQuery(versionsQuery(botId))
  const live = versions.find((version) => version.current)
  const open = conversationsOf(preview)
  const [name, setName] = useState('')
  const [note, setNote] = useState('')
  const [chosen, setChosen] = useState(new Map<string, Choice>())
  const [later, setLater] = useState(false)
  const [start, setStart] = useState(() => toField(nextAt(Date.now(), '08:00', zone), zone))
  const at = later ? fromField(start, zone) : null
  const errors = preview.findings.filter((finding) => finding.severity === 'error').length
  const blocked = errors > 0 || preview.tests.failed > 0
  const badTime = later && (at === null || at <= Date.now())

  const submit = () => {
    publish.mutate(
      {
        ...(name.trim() ? { name: name.trim() } : {}),
        ...(note.trim() ? { note: note.trim() } : {}),
        ...(at !== null ? { at } : {}),
        // Whoever is in the middle of something by then is not known today.
        ...(at === null ? moveOf(open, chosen) : { move: 'none' as const, moved: [] }),
      },
      {
        onSuccess: ({ number }) => {
          onClose()
          if (at !== null) tell(t('publish.planned', { number, at: format.full(at) }))
          else if (live) offerUndo(t('publish.done', { number }), () => restore.mutateAsync(live.id).catch(tellError))
          else tell(t('publish.done', { number }))
        },
      },
    )
  }

  return (
    <form
      className={classes.publish}
      onSubmit={(event) => {
        event.preventDefault()
        if (!blocked && !badTime) submit()
      }}
    >
      <FindingsBrief botId={botId} findings={preview.findings} />
      <TestsBrief tests={preview.tests} />
      <ChangesBrief botId={botId} changes={preview.changes} live={live} />
      {!later && <OpenConversations open={open} chosen={chosen} onChoose={setChosen} />}
      <TextInput
        label={t('publish.name')}
        description={t('publish.nameHint')}
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label={t('publish.note')}
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <div>
        <div className={classes.label}>{t('publish.when')}</div>
        <SegmentedControl
          value={later ? 'later' : 'now'}
          onChange={(value) => setLater(value === 'later')}
          aria-label={t('publish.when')}
          data={[
            { value: 'now', label: t('publish.now') },
            { value: 'later', label: t('publish.later') },
          ]}
        />
        {later && (
          <TextInput
            mt="sm"
            type="datetime-local"
            aria-label={t('publish.at')}
            value={start}
            min={toField(Date.now(), zone)}
            onChange={(event) => setStart(event.currentTarget.value)}
            description={t('publish.laterHint')}
            error={badTime ? t('publish.past') : undefined}
          />
        )}
      </div>
      {publish.isError && (
        <p className={classes.error} role="alert">
          {errorText(publish.error)}
        </p>
      )}
      <div className={classes.foot}>
        {blocked && <span className={classes.small}>{t(errors > 0 ? 'publish.fixFirst' : 'publish.testsFirst')}</span>}
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={publish.isPending} disabled={blocked || badTime}>
          {t(later ? 'publish.plan' : 'publish.go')}
        </Button>
      </div>
    </form>
  )
}
