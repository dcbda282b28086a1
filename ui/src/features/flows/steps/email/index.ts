// Sends an email.
import { IconMailForward } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconMailForward,
  says: (fields, t) => {
    const to = fields.text('to', 50)
    return withWords(to ? t('flowsteps:face.email_to', { to }) : t('flowsteps:face.email'), fields.text('subject', 60))
  },
}
export default face
