// Puts a tag on the customer or takes it away.
import { IconTag } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconTag,
  says: (fields, t) => {
    const tag = fields.quoted('tag')
    if (!tag) return t('flowsteps:face.tag')
    return t(fields.string('action') === 'remove' ? 'flowsteps:face.tag_off' : 'flowsteps:face.tag_on', { tag })
  },
}
export default face
