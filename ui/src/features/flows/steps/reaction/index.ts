// Puts a sign on the message of the customer.
import { IconMoodSmile } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconMoodSmile,
  says: (fields, t) => {
    const emoji = fields.text('emoji')
    return emoji ? t('flowsteps:face.reaction_with', { emoji }) : t('flowsteps:face.reaction')
  },
}
export default face
