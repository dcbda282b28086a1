// The customer has been silent.
import { IconZzz } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { span } from '../words'

const face: StepFace = {
  icon: IconZzz,
  says: (fields, t) => {
    const time = span(fields.number('after_ms') ?? 3_600_000, t)
    const most = fields.number('at_most') ?? 1
    return most > 1 ? t('flowsteps:face.silent_times', { time, count: most }) : t('flowsteps:face.silent', { time })
  },
}
export default face
