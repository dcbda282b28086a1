// Answers that the owner approved: how often they were used, changed in place, deleted with undo.
import { ActionIcon, Button, Modal, Textarea, TextInput } from '@mantine/core'
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { del, patch, post } from '@/api/client'
import type { Page as ApiPage, ApprovedAnswer } from '@/api/types'
import { TeachForm } from '@/components/ask/TeachForm'
import { errorText } from '@/components/errorText'
import { tell, useDelete } from '@/components/notice'
import { EmptyState, Loading, QueryView } from '@/components/States'
import { Ago } from '@/components/Time'
import { Frame } from './Frame'
import classes from './Knowledge.module.css'
import { answersQuery } from './queries'

export function AnswersPage() {
  const { t } = useTranslation('knowledge')
  const query = useInfiniteQuery(answersQuery)
  const [teaching, setTeaching] = useState(false)
  return (
    <Frame
      here="answers"
      title={t('answers')}
      lead={t('answersLead')}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setTeaching(true)}>
          {t('teachNew')}
        </Button>
      }
    >
      <QueryView query={query} loading={<Loading count={5} />}>
        {({ pages }) => {
          const answers = pages.flatMap((page) => page.items)
          if (answers.length === 0)
            return (
              <EmptyState
                picture="answer"
                title={t('answersNone')}
                text={t('answersNoneText')}
                action={
                  <Button variant="default" renderRoot={(props) => <Link {...props} to={'/knowledge/gaps' as '/'} />}>
                    {t('openGaps')}
                  </Button>
                }
              />
            )
          return (
            <>
              <ul className={classes.lines}>
                {answers.map((answer) => (
                  <li key={answer.id} className={classes.line}>
                    <AnswerLine answer={answer} />
                  </li>
                ))}
              </ul>
              {query.hasNextPage && (
                <Button
                  variant="default"
                  mt="md"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {t('more')}
                </Button>
              )}
            </>
          )
        }}
      </QueryView>
      <Modal opened={teaching} onClose={() => setTeaching(false)} title={<strong>{t('teachNew')}</strong>} size="lg">
        <TeachForm question="" onDone={() => setTeaching(false)} onCancel={() => setTeaching(false)} />
      </Modal>
    </Frame>
  )
}

function AnswerLine({ answer }: { answer: ApprovedAnswer }) {
  const { t } = useTranslation('knowledge')
  const queries = useQueryClient()
  const remove = useDelete([['answers']])
  const [editing, setEditing] = useState(false)
  if (editing) return <EditAnswer answer={answer} onClose={() => setEditing(false)} />
  return (
    <>
      <div className={classes.lineHead}>
        <div className={classes.lineWords}>
          <h2 className={`${classes.lineTitle} lined`} dir="auto">
            {answer.question}
          </h2>
          <p className={`${classes.answerText} lined`} dir="auto">
            {answer.answer}
          </p>
        </div>
        <div className={classes.lineActions}>
          <ActionIcon aria-label={`${t('common:edit')}: ${answer.question}`} onClick={() => setEditing(true)}>
            <IconPencil size={20} stroke={1.6} />
          </ActionIcon>
          <ActionIcon
            aria-label={`${t('remove')}: ${answer.question}`}
            onClick={() =>
              void remove({
                message: t('answerRemoved', { question: answer.question }),
                hide: () =>
                  queries.setQueryData<InfiniteData<ApiPage<ApprovedAnswer>, string | null>>(
                    answersQuery.queryKey,
                    (now) =>
                      now
                        ? {
                            ...now,
                            pages: now.pages.map((page) => ({
                              ...page,
                              items: page.items.filter((a) => a.id !== answer.id),
                            })),
                          }
                        : now,
                  ),
                remove: () => del(`/answers/${answer.id}`),
                restore: () => post(`/answers/${answer.id}/restore`),
              })
            }
          >
            <IconTrash size={20} stroke={1.6} />
          </ActionIcon>
        </div>
      </div>
      {answer.other_questions.length > 0 && (
        <p className={classes.also}>
          {t('alsoFor')}{' '}
          {answer.other_questions.map((question) => (
            <q key={question} dir="auto">
              {question}
            </q>
          ))}
        </p>
      )}
      <p className={classes.quiet}>
        {t(answer.used === 0 ? 'used_zero' : 'used', { count: answer.used })} · <Ago at={answer.updated_at} />
      </p>
    </>
  )
}

function EditAnswer({ answer, onClose }: { answer: ApprovedAnswer; onClose: () => void }) {
  const { t } = useTranslation('knowledge')
  const queries = useQueryClient()
  const [question, setQuestion] = useState(answer.question)
  const [text, setText] = useState(answer.answer)
  const [others, setOthers] = useState(answer.other_questions.join('\n'))
  const save = useMutation({
    mutationFn: () =>
      patch<ApprovedAnswer>(`/answers/${answer.id}`, {
        question: question.trim(),
        answer: text.trim(),
        other_questions: others
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['answers'] })
      tell(t('answerChanged'))
      onClose()
    },
  })
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (question.trim() && text.trim()) save.mutate()
      }}
    >
      <TextInput
        label={t('question')}
        maxLength={500}
        dir="auto"
        value={question}
        onChange={(event) => setQuestion(event.currentTarget.value)}
        error={question.trim() ? null : t('ask:needQuestion')}
        autoFocus
      />
      <Textarea
        label={t('answer')}
        maxLength={4000}
        dir="auto"
        maxRows={12}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={text.trim() ? null : t('ask:needAnswer')}
      />
      <Textarea
        label={t('others')}
        description={t('othersHint')}
        dir="auto"
        maxRows={8}
        value={others}
        onChange={(event) => setOthers(event.currentTarget.value)}
      />
      {save.isError && (
        <p className={classes.error} role="alert">
          {errorText(save.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={save.isPending}>
          {t('common:save')}
        </Button>
      </div>
    </form>
  )
}
