// Sends a sound or a voice message.
import { IconMicrophone } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconMicrophone,
  says: (fields, t) => {
    return t(fields.on('voice') ? 'flowsteps:face.audio_voice' : 'flowsteps:face.audio')
  },
}
export default face
