// Asks for a mark, shown as stars, words or a number.
import { IconStar } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { question } from '../words'

const face: StepFace = {
  icon: IconStar,
  says: (fields, t) => {
    const show = fields.string('show') || 'stars'
    const labels = fields.texts('labels')
    const key = show === 'words' && labels.length > 1 ? 'words' : show === 'stars' ? 'stars' : 'text'
    const most = fields.number('most') ?? 5
    return question(fields, t, t(`flowsteps:face.ask_rating_${key}`, { most, worst: labels[0], best: labels.at(-1) }))
  },
}
export default face
