// Sends a picture.
import { IconPhoto } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconPhoto,
  says: (fields, t) => withWords(t('flowsteps:face.image'), fields.text('caption')),
}
export default face
