// Goes one of several ways, by what a value is.
import { IconSitemap } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { listed, valueWords } from '../words'

const face: StepFace = {
  icon: IconSitemap,
  says: (fields, t) => {
    const titles = fields
      .items('cases')
      .map((one) => one.quoted('title', 30) || one.quoted('value', 30))
      .filter(Boolean)
    const what = valueWords(fields, 'value', t)
    if (what && titles.length > 0)
      return t('flowsteps:face.switch_of', {
        what,
        titles: listed([...titles.slice(0, 4), t('flowsteps:face.else')], 'disjunction'),
      })
    return t('flowsteps:face.switch')
  },
}
export default face
