// Does several things at once.
import { IconGitBranch } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { some } from '../words'

const face: StepFace = {
  icon: IconGitBranch,
  says: (fields, t) => {
    const titles = fields
      .items('lanes')
      .map((one) => one.quoted('title', 30))
      .filter(Boolean)
    return titles.length > 0
      ? t('flowsteps:face.parallel_of', { titles: some(titles, t) })
      : t('flowsteps:face.parallel')
  },
}
export default face
