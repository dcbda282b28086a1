// Keeps values under names.
import { IconPencil } from '@tabler/icons-react'
import { type StepFace, spoken } from '../face'
import { some, valueWords } from '../words'

const face: StepFace = {
  icon: IconPencil,
  says: (fields, t) => {
    const items = fields.items('values')
    const names = items.map((item) => spoken(item.string('name'))).filter(Boolean)
    const [only] = items
    const value = only && items.length === 1 ? valueWords(only, 'value', t) : ''
    if (names.length === 0) return t('flowsteps:face.set')
    return value
      ? t('flowsteps:face.set_to', { name: names[0], value })
      : t('flowsteps:face.set_names', { names: some(names, t) })
  },
}
export default face
