// Waits for the customer to write.
import { IconMessageCirclePause } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { span } from '../words'

const face: StepFace = {
  icon: IconMessageCirclePause,
  says: (fields, t) => {
    const ms = fields.number('timeout_ms')
    return ms ? t('flowsteps:face.wait_reply_for', { time: span(ms, t) }) : t('flowsteps:face.wait_reply')
  },
}
export default face
