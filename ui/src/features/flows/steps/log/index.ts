// Writes a line into the diary of the run.
import { IconNotebook } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconNotebook,
  says: (fields, t) => withWords(t('flowsteps:face.log'), fields.text('text')),
}
export default face
