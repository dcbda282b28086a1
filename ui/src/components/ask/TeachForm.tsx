// Turns a correction into an approved answer.
import { Button, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { post } from '@/api/client'
import type { ApprovedAnswer } from '@/api/types'
import { errorText } from '@/components/errorText'
import { tell } from '@/components/notice'
import classes from './Ask.module.css'

export function TeachForm({
  question,
  answer = '',
  gapId,
  messageId,
  onDone,
  onCancel,
}: {
  question: string
  answer?: string
  gapId?: string
  messageId?: string
  onDone: (made: ApprovedAnswer) => void
  onCancel: () => void
}) {
  const { t } = useTranslation('ask')
  const queries = useQueryClient()
  const form = useForm({
    initialValues: { question, answer },
    validate: {
      question: (value) => (value.trim() ? null : t('needQuestion')),
      answer: (value) => (value.trim() ? null : t('needAnswer')),
    },
  })
  const teach = useMutation({
    mutationFn: (values: typeof form.values) =>
      post<ApprovedAnswer>('/answers', {
        question: values.question.trim(),
        answer: values.answer.trim(),
        ...(gapId ? { gap_id: gapId } : {}),
        ...(messageId ? { message_id: messageId } : {}),
      }),
    onSuccess: (made) => {
      for (const tag of ['answers', 'gaps', 'home']) void queries.invalidateQueries({ queryKey: [tag] })
      tell(t('taught'))
      onDone(made)
    },
  })
  return (
    <form className={classes.teachForm} onSubmit={form.onSubmit((values) => teach.mutate(values))}>
      <TextInput label={t('question')} maxLength={500} {...form.getInputProps('question')} />
      <Textarea
        label={t('answer')}
        placeholder={t('answerHint')}
        minRows={2}
        maxRows={10}
        maxLength={4000}
        autoFocus
        {...form.getInputProps('answer')}
      />
      {teach.isError && (
        <p className={classes.failed} role="alert">
          {errorText(teach.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button type="submit" loading={teach.isPending}>
          {t('saveAnswer')}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t('common:cancel')}
        </Button>
      </div>
    </form>
  )
}
