// Waits for a moment, or for some time before it.
import { IconClockPause } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { momentWords, span } from '../words'

const face: StepFace = {
  icon: IconClockPause,
  says: (fields, t) => {
    const date = momentWords(fields, 'date', t)
    const clock = momentWords(fields, 'time', t)
    const before = fields.number('before_ms')
    if (!date) return t('flowsteps:face.wait_until')
    const at = clock ? t('flowsteps:face.moment', { date, clock }) : date
    return before
      ? t('flowsteps:face.wait_until_before', { at, time: span(before, t) })
      : t('flowsteps:face.wait_until_at', { at })
  },
}
export default face
