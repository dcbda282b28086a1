// Goes back to the flow that called.
import { IconArrowBackUp } from '@tabler/icons-react'
import { type StepFace, spoken } from '../face'
import { some } from '../words'

const face: StepFace = {
  icon: IconArrowBackUp,
  says: (fields, t) => {
    const names = fields
      .items('values')
      .map((one) => spoken(one.string('name')))
      .filter(Boolean)
    return names.length > 0 ? t('flowsteps:face.return_with', { names: some(names, t) }) : t('flowsteps:face.return')
  },
}
export default face
