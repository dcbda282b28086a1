// Begins another flow later.
import { IconMessageForward } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { momentWords, span } from '../words'

const face: StepFace = {
  icon: IconMessageForward,
  says: (fields, t) => {
    const unless = fields.on('unless_reply')
    const key = unless ? 'unless' : 'always'
    if (fields.string('when') === 'at') {
      const at = momentWords(fields, 'at', t)
      return at ? t(`flowsteps:face.follow_up_at_${key}`, { at }) : t('flowsteps:face.follow_up')
    }
    const ms = fields.number('after_ms')
    return ms ? t(`flowsteps:face.follow_up_${key}`, { time: span(ms, t) }) : t('flowsteps:face.follow_up')
  },
}
export default face
