// Sends a name with its numbers.
import { IconAddressBook } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconAddressBook,
  says: (fields, t) => withWords(t('flowsteps:face.contact_card'), fields.text('name')),
}
export default face
