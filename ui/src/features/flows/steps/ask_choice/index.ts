// Lets the customer pick one.
import { IconListCheck } from '@tabler/icons-react'
import { pathWords, type StepFace } from '../face'
import { some, withWords } from '../words'

const face: StepFace = {
  icon: IconListCheck,
  says: (fields, t) => {
    const titles = fields
      .items('choices')
      .map((choice) => choice.quoted('title', 30))
      .filter(Boolean)
    const list = fields.string('offer') === 'list' ? pathWords(fields.string('from')) : ''
    const what = list
      ? t('flowsteps:face.ask_choice_from', { list })
      : titles.length > 0
        ? t('flowsteps:face.ask_choice_of', { titles: some(titles, t) })
        : t('flowsteps:face.ask_choice')
    return withWords(what, fields.text('text', 70))
  },
}
export default face
