// A sign for each kind of step.
import {
  IconArrowsSplit2,
  IconBook2,
  IconCircleCheck,
  IconClock,
  IconHelpCircle,
  IconListCheck,
  IconMessage,
  IconMessageCircle,
  IconPlugConnected,
  IconSparkles,
  IconTag,
  IconUser,
} from '@tabler/icons-react'

const ICONS: Record<string, typeof IconMessage> = {
  start: IconMessageCircle,
  message: IconMessage,
  question: IconHelpCircle,
  choices: IconListCheck,
  condition: IconArrowsSplit2,
  set: IconTag,
  answer: IconBook2,
  generate: IconSparkles,
  http: IconPlugConnected,
  wait: IconClock,
  handover: IconUser,
  end: IconCircleCheck,
}

export function StepIcon({ kind }: { kind: string }) {
  const Icon = ICONS[kind] ?? IconMessage
  return <Icon size={16} stroke={1.8} aria-hidden />
}
