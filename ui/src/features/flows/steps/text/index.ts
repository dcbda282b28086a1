// Says something.
import { IconMessage } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconMessage,
  says: (fields, t) => {
    const words = fields.quoted('text', 120)
    return words ? t('flowsteps:face.text_says', { words }) : t('flowsteps:face.text')
  },
}
export default face
