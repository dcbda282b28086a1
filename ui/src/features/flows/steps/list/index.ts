// Offers a list to pick from.
import { IconList } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { some, withWords } from '../words'

const face: StepFace = {
  icon: IconList,
  says: (fields, t) => {
    const titles = fields
      .items('choices')
      .map((choice) => choice.quoted('title', 30))
      .filter(Boolean)
    const what = titles.length > 0 ? t('flowsteps:face.list_of', { titles: some(titles, t) }) : t('flowsteps:face.list')
    return withWords(what, fields.text('text', 70))
  },
}
export default face
