// Waits a while.
import { IconHourglass } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { span } from '../words'

const face: StepFace = {
  icon: IconHourglass,
  says: (fields, t) => {
    const ms = fields.number('duration_ms')
    return ms ? t('flowsteps:face.wait_for', { time: span(ms, t) }) : t('flowsteps:face.wait')
  },
}
export default face
