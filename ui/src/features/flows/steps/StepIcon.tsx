// The sign of a kind of step.
import { IconSquareRounded } from '@tabler/icons-react'
import { memo } from 'react'
import { faces } from './faces'

export const StepIcon = memo(function StepIcon({ kind, size = 18 }: { kind: string; size?: number }) {
  const Icon = faces.get(kind)?.icon ?? IconSquareRounded
  return <Icon size={size} stroke={1.8} aria-hidden />
})
