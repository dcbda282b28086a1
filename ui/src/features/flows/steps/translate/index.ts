// A model translates a text.
import { IconLanguage } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { valueWords } from '../words'

const face: StepFace = {
  icon: IconLanguage,
  says: (fields, t) => {
    const language = fields.text('language', 40) || t('flowsteps:face.their_language')
    return t('flowsteps:face.translate', { what: valueWords(fields, 'text', t) || '…', language })
  },
}
export default face
