// A model writes a text.
import { IconSparkles } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconSparkles,
  says: (fields, t) => withWords(t('flowsteps:face.generate'), fields.text('instructions')),
}
export default face
