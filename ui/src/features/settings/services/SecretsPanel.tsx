// Keys and passwords that flows use by name; their values are sealed and never shown again.
import { Button, Modal, PasswordInput, TextInput } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { del, get, put } from '@/api/client'
import type { List } from '@/api/types'
import { errorText, fieldErrors } from '@/components/errorText'
import { tell } from '@/components/notice'
import { Panel, Row } from '@/components/Panel'
import { Loading, QueryView } from '@/components/States'
import classes from '../Settings.module.css'

const secretsQuery = queryOptions({
  queryKey: ['secrets'],
  queryFn: ({ signal }) => get<List<{ name: string }>>('/secrets', undefined, signal),
})

/** `name` is empty for a new one. */
type Opened = { deed: 'keep' | 'forget'; name: string } | null

export function SecretsPanel() {
  const { t } = useTranslation('settings')
  const query = useQuery(secretsQuery)
  const [opened, setOpened] = useState<Opened>(null)
  const close = () => setOpened(null)
  return (
    <Panel
      title={t('services.secretsTitle')}
      lead={t('services.secretsText')}
      flush
      actions={
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => setOpened({ deed: 'keep', name: '' })}
        >
          {t('services.secretAdd')}
        </Button>
      }
    >
      <QueryView query={query} loading={<Loading shape="list" count={2} />}>
        {({ items }) =>
          items.length === 0
            ? null
            : items.map(({ name }) => (
                <Row
                  key={name}
                  icon={<IconKey size={20} stroke={1.6} />}
                  title={<bdi dir="ltr">{name}</bdi>}
                  end={
                    <>
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        aria-label={t('services.secretChangeOf', { name })}
                        onClick={() => setOpened({ deed: 'keep', name })}
                      >
                        {t('services.secretChange')}
                      </Button>
                      <Button
                        variant="subtle"
                        color="danger"
                        size="compact-sm"
                        aria-label={t('services.secretForgetOf', { name })}
                        onClick={() => setOpened({ deed: 'forget', name })}
                      >
                        {t('common:remove')}
                      </Button>
                    </>
                  }
                />
              ))
        }
      </QueryView>
      <Modal
        opened={opened?.deed === 'keep'}
        onClose={close}
        title={opened?.name ? t('services.secretChangeOf', { name: opened.name }) : t('services.secretAdd')}
      >
        {opened && <Keep known={opened.name} onDone={close} />}
      </Modal>
      <Modal
        opened={opened?.deed === 'forget'}
        onClose={close}
        title={t('services.secretForgetOf', { name: opened?.name ?? '' })}
      >
        {opened && <Forget name={opened.name} onDone={close} />}
      </Modal>
    </Panel>
  )
}

function Keep({ known, onDone }: { known: string; onDone: () => void }) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const [name, setName] = useState(known)
  const [value, setValue] = useState('')
  const written = name.trim().replace(/[\s-]+/g, '_')
  const save = useMutation({
    mutationFn: () => put<void>(`/secrets/${encodeURIComponent(written)}`, { value }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['secrets'] })
      tell(t('services.secretKept', { name: written }))
      onDone()
    },
  })
  const wrong = fieldErrors(save.error)
  return (
    <form
      className={classes.stack}
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        if (written && value) save.mutate()
      }}
    >
      {!known && (
        <TextInput
          label={t('services.secretName')}
          description={t('services.secretNameHint')}
          placeholder="shop_key"
          dir="ltr"
          maxLength={64}
          data-autofocus
          value={name}
          error={wrong.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <PasswordInput
        label={t('services.secretValue')}
        description={t('services.secretValueHint')}
        dir="ltr"
        autoComplete="new-password"
        maxLength={4096}
        data-autofocus={known ? true : undefined}
        value={value}
        error={wrong.value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      {save.isError && Object.keys(wrong).length === 0 && (
        <p className={classes.note} role="alert">
          <strong>{errorText(save.error)}</strong>
        </p>
      )}
      <div className={classes.inline}>
        <Button type="submit" loading={save.isPending} disabled={!written || !value}>
          {t('common:save')}
        </Button>
        <Button variant="default" onClick={onDone}>
          {t('common:cancel')}
        </Button>
      </div>
    </form>
  )
}

/** Nobody can bring a sealed value back, so that this is asked. */
function Forget({ name, onDone }: { name: string; onDone: () => void }) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const forget = useMutation({
    mutationFn: () => del(`/secrets/${encodeURIComponent(name)}`),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['secrets'] })
      tell(t('services.secretForgotten', { name }))
      onDone()
    },
  })
  return (
    <div className={classes.stack}>
      <p className={classes.note}>{t('services.secretForgetText')}</p>
      {forget.isError && (
        <p className={classes.note} role="alert">
          <strong>{errorText(forget.error)}</strong>
        </p>
      )}
      <div className={classes.inline}>
        <Button color="danger" data-autofocus loading={forget.isPending} onClick={() => forget.mutate()}>
          {t('common:remove')}
        </Button>
        <Button variant="default" onClick={onDone}>
          {t('common:cancel')}
        </Button>
      </div>
    </div>
  )
}
