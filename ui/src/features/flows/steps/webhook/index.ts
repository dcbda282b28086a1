// Another program begins the flow.
import { IconWebhook } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconWebhook,
  says: (fields, t) => t(fields.text('customer') ? 'flowsteps:face.webhook_customer' : 'flowsteps:face.webhook'),
}
export default face
