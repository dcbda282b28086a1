// Shows that somebody writes.
import { IconMessageDots } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { span } from '../words'

const face: StepFace = {
  icon: IconMessageDots,
  says: (fields, t) => {
    const ms = fields.number('duration_ms')
    return ms ? t('flowsteps:face.typing_for', { time: span(ms, t) }) : t('flowsteps:face.typing')
  },
}
export default face
