// A model works on its own with tools.
import { IconRobot } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconRobot,
  says: (fields, t) => withWords(t('flowsteps:face.agent'), fields.text('instructions')),
}
export default face
