// A note for the people who work on the flow.
import { IconNote } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconNote,
  says: (fields, t) => {
    return fields.text('text', 200) || t('flowsteps:face.comment')
  },
}
export default face
