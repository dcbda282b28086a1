// Where customers write, as a sign with its name for those who cannot see it.
import { IconBrandWhatsapp, IconMessageCircle } from '@tabler/icons-react'
import type { ChannelKind } from '@/api/types'

export function ChannelIcon({ kind, size = 20 }: { kind: ChannelKind; size?: number }) {
  const Icon = kind === 'whatsapp' ? IconBrandWhatsapp : IconMessageCircle
  return <Icon size={size} stroke={1.6} aria-hidden />
}
