// Sends words with a button that opens an address.
import { IconLink } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { hostOf, withWords } from '../words'

const face: StepFace = {
  icon: IconLink,
  says: (fields, t) => {
    const host = hostOf(fields.string('url'))
    const label = fields.quoted('label', 30)
    const what = host && label ? t('flowsteps:face.link_to', { host, label }) : t('flowsteps:face.link')
    return withWords(what, fields.text('text', 70))
  },
}
export default face
