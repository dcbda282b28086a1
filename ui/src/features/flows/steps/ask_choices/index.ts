// Lets the customer pick several.
import { IconChecklist } from '@tabler/icons-react'
import { pathWords, type StepFace } from '../face'
import { some, withWords } from '../words'

const face: StepFace = {
  icon: IconChecklist,
  says: (fields, t) => {
    const titles = fields
      .items('choices')
      .map((choice) => choice.quoted('title', 30))
      .filter(Boolean)
    const list = fields.string('offer') === 'list' ? pathWords(fields.string('from')) : ''
    const what = list
      ? t('flowsteps:face.ask_choices_from', { list })
      : titles.length > 0
        ? t('flowsteps:face.ask_choices_of', { titles: some(titles, t) })
        : t('flowsteps:face.ask_choices')
    return withWords(what, fields.text('text', 70))
  },
}
export default face
