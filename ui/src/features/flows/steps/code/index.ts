// Runs a program of the owner.
import { IconCode } from '@tabler/icons-react'
import { type StepFace, spoken } from '../face'

const face: StepFace = {
  icon: IconCode,
  says: (fields, t) => {
    const into = spoken(fields.string('variable'))
    const what = t('flowsteps:face.code')
    return into ? t('flowsteps:face.tool_into', { what, into }) : what
  },
}
export default face
