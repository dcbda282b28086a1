// Does the same several times, or until something holds.
import { IconRepeat } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { rulesWords } from '../rules'

const face: StepFace = {
  icon: IconRepeat,
  says: (fields, t) => {
    const rules = rulesWords(fields.raw.until, t)
    const count = fields.number('times') ?? 3
    return rules ? t('flowsteps:face.repeat_until', { rules, count }) : t('flowsteps:face.repeat', { count })
  },
}
export default face
