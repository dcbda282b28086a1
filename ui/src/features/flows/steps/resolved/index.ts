// A conversation was marked as done.
import { IconCircleCheck } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { span } from '../words'

const face: StepFace = {
  icon: IconCircleCheck,
  says: (fields, t) => {
    const after = fields.number('after_ms')
    return after ? t('flowsteps:face.resolved_after', { time: span(after, t) }) : t('flowsteps:face.resolved')
  },
}
export default face
