// Sends a part of the customers each way.
import { IconPercentage } from '@tabler/icons-react'
import type { Fields, StepFace } from '../face'
import { percent, some } from '../words'

const face: StepFace = {
  icon: IconPercentage,
  says: (fields, t) => {
    const variants = fields.items('variants')
    const weight = (one: Fields) => Math.max(one.number('weight') ?? 1, 0)
    const all = variants.reduce((sum, one) => sum + weight(one), 0)
    if (all === 0) return t('flowsteps:face.split')
    const parts = variants.map((one, i) =>
      t('flowsteps:face.split_part', {
        title: one.quoted('title', 30) || String(i + 1),
        share: percent(weight(one) / all),
      }),
    )
    return t('flowsteps:face.split_of', { parts: some(parts, t) })
  },
}
export default face
