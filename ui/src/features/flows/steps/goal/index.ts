// Counts that something was reached.
import { IconTrophy } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconTrophy,
  says: (fields, t) => {
    const name = fields.quoted('name')
    return name ? t('flowsteps:face.goal_named', { name }) : t('flowsteps:face.goal')
  },
}
export default face
