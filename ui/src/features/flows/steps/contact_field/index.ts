// Keeps something with the customer for good.
import { IconUserEdit } from '@tabler/icons-react'
import { type StepFace, spoken } from '../face'
import { valueWords } from '../words'

const face: StepFace = {
  icon: IconUserEdit,
  says: (fields, t) => {
    const name = spoken(fields.string('field'))
    const value = valueWords(fields, 'value', t)
    if (!name) return t('flowsteps:face.contact_field')
    return value
      ? t('flowsteps:face.contact_field_to', { name, value })
      : t('flowsteps:face.contact_field_name', { name })
  },
}
export default face
