// What the state of a source means for eyes: its tone, its share done, whether it is at work.
import type { Source } from '@/api/types'
import type { Tone } from '@/components/Tag'

export function toneOf(state: Source['state']): Tone {
  const tones: Record<Source['state'], Tone> = {
    queued: 'working',
    reading: 'working',
    understanding: 'working',
    ready: 'ok',
    failed: 'attention',
    cancelled: 'off',
  }
  return tones[state]
}

export const isWorking = (source: Pick<Source, 'state'>) =>
  ['queued', 'reading', 'understanding'].includes(source.state)

/** 0 to 100; reading counts as the first part, so that the bar never runs backwards. */
export function shareDone({ state, progress }: Pick<Source, 'state' | 'progress'>): number {
  if (state === 'ready') return 100
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0
  if (state === 'reading') return 5 + share * 25
  if (state === 'understanding') return 30 + share * 68
  return state === 'queued' ? 2 : 0
}
