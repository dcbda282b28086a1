// Sends a place on the map.
import { IconMapPin } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconMapPin,
  says: (fields, t) => withWords(t('flowsteps:face.location'), fields.text('name') || fields.text('address')),
}
export default face
