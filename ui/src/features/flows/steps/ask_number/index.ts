// Asks for a number, within bounds if there are any.
import { IconHash } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { question } from '../words'

const face: StepFace = {
  icon: IconHash,
  says: (fields, t) => {
    const [min, max] = [fields.number('min'), fields.number('max')]
    const range =
      min !== null && max !== null
        ? 'between'
        : min !== null
          ? 'from'
          : max !== null
            ? 'to'
            : fields.on('whole')
              ? 'whole'
              : ''
    return question(
      fields,
      t,
      t(range ? `flowsteps:face.ask_number_${range}` : 'flowsteps:face.ask_number', { min, max }),
    )
  },
}
export default face
