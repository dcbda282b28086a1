// Finds out which of several things a text is about.
import { IconCategory } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { listed } from '../words'

const face: StepFace = {
  icon: IconCategory,
  says: (fields, t) => {
    const titles = fields
      .items('classes')
      .map((item) => item.quoted('title', 30))
      .filter(Boolean)
    return titles.length > 0
      ? t('flowsteps:face.classify_of', { titles: listed(titles.slice(0, 5), 'disjunction') })
      : t('flowsteps:face.classify')
  },
}
export default face
