// Offers a few buttons.
import { IconLayoutList } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { some, withWords } from '../words'

const face: StepFace = {
  icon: IconLayoutList,
  says: (fields, t) => {
    const titles = fields
      .items('choices')
      .map((choice) => choice.quoted('title', 30))
      .filter(Boolean)
    const what =
      titles.length > 0 ? t('flowsteps:face.buttons_of', { titles: some(titles, t) }) : t('flowsteps:face.buttons')
    return withWords(what, fields.text('text', 70))
  },
}
export default face
