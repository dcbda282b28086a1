// Tells the people of the business.
import { IconBell } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { withWords } from '../words'

const face: StepFace = {
  icon: IconBell,
  says: (fields, t) => {
    const what = t(fields.on('urgent') ? 'flowsteps:face.notify_urgent' : 'flowsteps:face.notify')
    return withWords(what, fields.text('title') || fields.text('text'))
  },
}
export default face
