// Writing what is to be known: a text, or questions with their answers. Drafts survive closing.
import { ActionIcon, Button, Textarea, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Pair } from '@/api/types'
import { errorText } from '@/components/errorText'
import { tell } from '@/components/notice'
import { useDraft } from '@/lib/drafts'
import classes from './Knowledge.module.css'
import { emptyPair, readPairs, wholePairs } from './pairs'
import { toHtml, toText } from './simpleText'

type Common = {
  /** The title is asked for only where there is none yet. */
  title?: string
  /** Key of the draft. */
  draft: string
  busy: boolean
  error: unknown
  onCancel: () => void
}

function Foot({
  busy,
  error,
  onCancel,
  problem,
}: Pick<Common, 'busy' | 'error' | 'onCancel'> & { problem: string | null }) {
  const { t } = useTranslation('knowledge')
  return (
    <>
      {(problem || error !== null) && (
        <p className={classes.error} role="alert">
          {problem ?? errorText(error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onCancel}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={busy}>
          {t('save')}
        </Button>
      </div>
    </>
  )
}

/** Rejections are shown through `error`; only success forgets the draft. */
const succeeded = (done: Promise<unknown>, forget: () => void) => done.then(forget, () => {})

export function TextForm({
  title: given,
  html,
  draft,
  onSave,
  ...foot
}: Common & { html?: string; onSave: (content: { title: string; html: string }) => Promise<unknown> }) {
  const { t } = useTranslation('knowledge')
  const [title, setTitle] = useDraft(`${draft}:title`)
  const [typed, setTyped] = useDraft(`${draft}:text`)
  const [touched, setTouched] = useState(typed !== '')
  const [problem, setProblem] = useState<string | null>(null)
  const text = touched || !html ? typed : toText(html)
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        const name = given ?? title.trim()
        const missing = !name ? t('titleNeeded') : !text.trim() ? t('textNeeded') : null
        setProblem(missing)
        if (!missing)
          void succeeded(onSave({ title: name, html: toHtml(text) }), () => {
            setTitle('')
            setTyped('')
          })
      }}
    >
      {given === undefined && (
        <TextInput
          label={t('title')}
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <Textarea
        label={t('text')}
        description={t('textHint')}
        minRows={10}
        maxRows={22}
        dir="auto"
        value={text}
        onChange={(event) => {
          setTouched(true)
          setTyped(event.currentTarget.value)
        }}
      />
      <Foot {...foot} problem={problem} />
    </form>
  )
}

type Numbered = Pair & { key: number }

export function PairsForm({
  title: given,
  pairs: stored,
  draft,
  onSave,
  ...foot
}: Common & { pairs?: Pair[]; onSave: (content: { title: string; pairs: Pair[] }) => Promise<unknown> }) {
  const { t } = useTranslation('knowledge')
  const [title, setTitle] = useDraft(`${draft}:title`)
  const [kept, setKept] = useDraft(`${draft}:pairs`)
  const [list, setList] = useState<Numbered[]>(() => begin(kept, stored))
  const [problem, setProblem] = useState<string | null>(null)
  const { whole, half } = wholePairs(list)
  const change = (next: Numbered[]) => {
    setList(next)
    setKept(JSON.stringify(next.map(({ question, answer }) => ({ question, answer }))))
  }
  const set = (key: number, part: Partial<Pair>) =>
    change(list.map((pair) => (pair.key === key ? { ...pair, ...part } : pair)))
  const next = () => Math.max(0, ...list.map((pair) => pair.key)) + 1
  const paste = (key: number, text: string) => {
    const pasted = readPairs(text)
    if (pasted.length < 2) return false
    const from = next()
    change([
      ...list.filter((pair) => pair.key !== key || pair.question || pair.answer),
      ...pasted.map((pair, i) => ({ ...pair, key: from + i })),
    ])
    tell(t('pasted', { count: pasted.length }))
    return true
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        const name = given ?? title.trim()
        const missing = !name
          ? t('titleNeeded')
          : half > 0
            ? t('half', { count: half })
            : whole.length === 0
              ? t('pairsNeeded')
              : null
        setProblem(missing)
        if (!missing)
          void succeeded(onSave({ title: name, pairs: whole }), () => {
            setTitle('')
            setKept('')
          })
      }}
    >
      {given === undefined && (
        <TextInput
          label={t('title')}
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <p className={classes.quiet}>{t('pastePairs')}</p>
      {list.map((pair, i) => (
        <fieldset key={pair.key} className={classes.pair}>
          <legend className={classes.pairHead}>{t('pairNumber', { number: i + 1 })}</legend>
          <TextInput
            label={t('question')}
            maxLength={500}
            dir="auto"
            value={pair.question}
            onChange={(event) => set(pair.key, { question: event.currentTarget.value })}
            onPaste={(event) => {
              if (paste(pair.key, event.clipboardData.getData('text/plain'))) event.preventDefault()
            }}
          />
          <Textarea
            label={t('answer')}
            minRows={2}
            maxRows={10}
            maxLength={4000}
            dir="auto"
            value={pair.answer}
            onChange={(event) => set(pair.key, { answer: event.currentTarget.value })}
          />
          {list.length > 1 && (
            <ActionIcon
              className={classes.pairRemove ?? ''}
              size={28}
              aria-label={t('removePair', { number: i + 1 })}
              onClick={() => change(list.filter((other) => other.key !== pair.key))}
            >
              <IconX size={16} />
            </ActionIcon>
          )}
        </fieldset>
      ))}
      <div>
        <Button
          variant="subtle"
          leftSection={<IconPlus size={16} />}
          onClick={() => change([...list, { ...emptyPair(), key: next() }])}
        >
          {t('morePairs')}
        </Button>
      </div>
      <Foot {...foot} problem={problem} />
    </form>
  )
}

function begin(kept: string, stored: Pair[] | undefined): Numbered[] {
  let list: Pair[] = []
  try {
    list = JSON.parse(kept || '[]') as Pair[]
  } catch {
    // A draft that cannot be read is no draft.
  }
  if (list.length === 0) list = stored && stored.length > 0 ? stored : [emptyPair()]
  return list.map((pair, key) => ({ ...pair, key }))
}
