// A model finds single values in a text.
import { IconListSearch } from '@tabler/icons-react'
import { type StepFace, spoken } from '../face'
import { some, valueWords } from '../words'

const face: StepFace = {
  icon: IconListSearch,
  says: (fields, t) => {
    const names = fields
      .items('fields')
      .map((item) => spoken(item.string('name')))
      .filter(Boolean)
    const what = valueWords(fields, 'text', t)
    return names.length > 0 && what
      ? t('flowsteps:face.extract_of', { names: some(names, t), what })
      : t('flowsteps:face.extract')
  },
}
export default face
