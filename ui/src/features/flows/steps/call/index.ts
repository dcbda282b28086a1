// Goes through another flow and comes back.
import { IconRoute } from '@tabler/icons-react'
import { type StepFace, spoken } from '../face'
import { some } from '../words'

const face: StepFace = {
  icon: IconRoute,
  says: (fields, t) => {
    const named = (list: string, name: string) =>
      fields
        .items(list)
        .map((one) => spoken(one.string(name)))
        .filter(Boolean)
    const given = named('inputs', 'name')
    const taken = named('outputs', 'variable')
    if (given.length > 0 && taken.length > 0)
      return t('flowsteps:face.call_both', { given: some(given, t), taken: some(taken, t) })
    if (given.length > 0) return t('flowsteps:face.call_given', { given: some(given, t) })
    if (taken.length > 0) return t('flowsteps:face.call_taken', { taken: some(taken, t) })
    return t('flowsteps:face.call')
  },
}
export default face
