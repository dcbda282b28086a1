// Calls a person.
import { IconHeadset } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconHeadset,
  says: (fields, t) => withWords(t('flowsteps:face.handover'), fields.text('message') || fields.text('reason')),
}
export default face
