// Does the same for each entry of a list.
import { IconStack2 } from '@tabler/icons-react'
import { pathWords, type StepFace } from '../face'

const face: StepFace = {
  icon: IconStack2,
  says: (fields, t) => {
    const list = pathWords(fields.string('list'))
    return list ? t('flowsteps:face.each_of', { list }) : t('flowsteps:face.each')
  },
}
export default face
