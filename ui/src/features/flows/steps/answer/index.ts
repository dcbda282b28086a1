// Answers from what the bot was taught.
import { IconBook2 } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconBook2,
  says: (fields, t) => {
    const count = fields.list('sources').length
    return count > 0 ? t('flowsteps:face.answer_some', { count }) : t('flowsteps:face.answer')
  },
}
export default face
