// Sends something to another program.
import { IconSend } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { hostOf } from '../words'

const face: StepFace = {
  icon: IconSend,
  says: (fields, t) => {
    const host = hostOf(fields.string('url'))
    return host ? t('flowsteps:face.webhook_out_to', { host }) : t('flowsteps:face.webhook_out')
  },
}
export default face
