// What can be done with a bot: on and off at once, duplicate, delete with undo.
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { del, patch, post } from '@/api/client'
import { botsQuery } from '@/api/queries'
import type { Bot } from '@/api/types'
import { offerUndo, tell, tellError, useDelete } from '@/components/notice'
import { botQuery } from './queries'

export type BotChange = Partial<Pick<Bot, 'name' | 'description' | 'paused' | 'debounce_ms'>>

export function useBotDeeds() {
  const { t } = useTranslation('bots')
  const queries = useQueryClient()
  const remove = useDelete([['bots'], ['channels'], ['home']])

  const show = (id: string, change: BotChange) => {
    queries.setQueryData(botsQuery.queryKey, (now) =>
      now ? { ...now, items: now.items.map((bot) => (bot.id === id ? { ...bot, ...change } : bot)) } : now,
    )
    queries.setQueryData(botQuery(id).queryKey, (now) => (now ? { ...now, ...change } : now))
  }
  const change = async (id: string, part: BotChange) => {
    show(id, part)
    try {
      await patch<Bot>(`/bots/${id}`, part)
    } finally {
      void queries.invalidateQueries({ queryKey: ['bots'] })
    }
  }
  const turn = async (bot: Bot, on: boolean): Promise<void> => {
    try {
      await change(bot.id, { paused: !on })
      if (on) tell(t('turnedOn', { name: bot.name }))
      else offerUndo(t('turnedOff', { name: bot.name }), () => turn(bot, true))
    } catch (error) {
      tellError(error)
    }
  }
  const duplicate = async (bot: Bot) => {
    try {
      const made = await post<Bot>(`/bots/${bot.id}/duplicate`)
      tell(t('duplicated', { name: made.name }))
      await queries.invalidateQueries({ queryKey: ['bots'] })
    } catch (error) {
      tellError(error)
    }
  }
  const discard = (bot: Bot, after?: () => void) =>
    remove({
      message: t('removed', { name: bot.name }),
      hide: () => {
        queries.setQueryData(botsQuery.queryKey, (now) =>
          now ? { ...now, items: now.items.filter((other) => other.id !== bot.id) } : now,
        )
        after?.()
      },
      remove: () => del(`/bots/${bot.id}`),
      restore: () => post(`/bots/${bot.id}/restore`),
    })
  return { change, turn, duplicate, discard }
}
