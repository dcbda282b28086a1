// Goes one way or the other.
import { IconArrowsSplit2 } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { rulesWords } from '../rules'

const face: StepFace = {
  icon: IconArrowsSplit2,
  says: (fields, t) => {
    const rules = rulesWords(fields.raw.rules, t)
    return rules ? t('flowsteps:face.condition_if', { rules }) : t('flowsteps:face.condition')
  },
}
export default face
