// Step 3: ask in the chat beside it; this side says what to look at.
import { IconFileSearch, IconHeartHandshake, IconPencil } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './Start.module.css'
import { StepFrame } from './StepFrame'

export function AskStep({ next, back }: { next: () => void; back: (() => void) | undefined }) {
  const { t } = useTranslation('start')
  const points = [
    { icon: IconFileSearch, text: t('ask.point1') },
    { icon: IconPencil, text: t('ask.point2') },
    { icon: IconHeartHandshake, text: t('ask.point3') },
  ]
  return (
    <StepFrame title={t('ask.title')} lead={t('ask.lead')} next={next} back={back}>
      <ul className={classes.points}>
        {points.map((point) => (
          <li key={point.text}>
            <point.icon size={24} stroke={1.5} aria-hidden />
            <span>{point.text}</span>
          </li>
        ))}
      </ul>
    </StepFrame>
  )
}
