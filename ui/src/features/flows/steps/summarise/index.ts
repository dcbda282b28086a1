// A model sums a text up.
import { IconAlignLeft } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { valueWords } from '../words'

const face: StepFace = {
  icon: IconAlignLeft,
  says: (fields, t) => {
    const what = valueWords(fields, 'text', t)
    const focus = fields.quoted('focus', 60)
    if (!what) return t('flowsteps:face.summarise')
    return focus ? t('flowsteps:face.summarise_focus', { what, focus }) : t('flowsteps:face.summarise_of', { what })
  },
}
export default face
