// Sends a file.
import { IconFileText } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconFileText,
  says: (fields, t) =>
    withWords(
      t('flowsteps:face.document'),
      fields.text('filename') || fields.inner('media').text('filename') || fields.text('caption'),
    ),
}
export default face
