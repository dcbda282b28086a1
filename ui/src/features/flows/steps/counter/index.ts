// Counts something over all conversations.
import { IconTallymarks } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconTallymarks,
  says: (fields, t) => {
    const name = fields.quoted('name')
    const by = fields.number('by') ?? 1
    if (!name) return t('flowsteps:face.counter')
    return t(by < 0 ? 'flowsteps:face.counter_down' : 'flowsteps:face.counter_up', { name, by: Math.abs(by) })
  },
}
export default face
