// Sends a message that WhatsApp approved.
import { IconTemplate } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconTemplate,
  says: (fields, t) => {
    const name = fields.text('name')
    return name ? t('flowsteps:face.template_named', { name }) : t('flowsteps:face.template')
  },
}
export default face
