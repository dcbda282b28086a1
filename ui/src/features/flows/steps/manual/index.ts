// Somebody of the business begins it in the inbox.
import { IconPlayerPlay } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconPlayerPlay,
  says: (fields, t) => {
    const label = fields.quoted('label')
    return label ? t('flowsteps:face.manual_as', { label }) : t('flowsteps:face.manual')
  },
}
export default face
