// Stops with an error.
import { IconPlayerStop } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconPlayerStop,
  says: (fields, t) => withWords(t('flowsteps:face.stop'), fields.text('message')),
}
export default face
