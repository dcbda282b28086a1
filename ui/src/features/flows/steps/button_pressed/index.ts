// A button of an earlier message is pressed.
import { IconHandClick } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { listed } from '../words'

const face: StepFace = {
  icon: IconHandClick,
  says: (fields, t) => {
    const names = fields.texts('names').map((name) => `“${name}”`)
    return names.length > 0
      ? t('flowsteps:face.button', { names: listed(names.slice(0, 4), 'disjunction') })
      : t('flowsteps:face.button_none')
  },
}
export default face
