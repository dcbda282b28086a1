// Notes whether the customer wants to get offers.
import { IconClipboardCheck } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconClipboardCheck,
  says: (fields, t) => {
    return t(fields.string('action') === 'off' ? 'flowsteps:face.consent_off' : 'flowsteps:face.consent')
  },
}
export default face
