// Sends a video.
import { IconVideo } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconVideo,
  says: (fields, t) => withWords(t('flowsteps:face.video'), fields.text('caption')),
}
export default face
