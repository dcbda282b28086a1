// What is to be said first about the public address.
import type { PublicAddress } from '@/api/types'
import type { Tone } from '@/components/Tag'

const TONES = { none: 'off', unproven: 'off', proven: 'ok', failed: 'attention' } as const

/** A tunnel that is not up says more than the address behind it. `key` is of the words in `address`. */
export function stateOf(address: PublicAddress): { key: string; tone: Tone; sentence: string; fix: string | null } {
  const { tunnel } = address
  if (tunnel && tunnel.state !== 'up') {
    const tone = tunnel.state === 'starting' ? 'working' : 'attention'
    return { key: `tunnel.${tunnel.state}`, tone, sentence: tunnel.sentence, fix: tunnel.fix }
  }
  const { state, sentence, fix } = address
  return { key: `state.${state}`, tone: TONES[state], sentence, fix }
}
