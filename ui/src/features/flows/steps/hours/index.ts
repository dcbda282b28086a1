// Looks whether the business is open.
import { IconBuildingStore } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { weekdays } from '../words'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

const face: StepFace = {
  icon: IconBuildingStore,
  says: (fields, t) => {
    const days = fields.inner('hours').inner('days')
    const open = DAYS.flatMap((day, i) => (days.list(day).length > 0 ? [(i + 1) % 7] : []))
    return open.length > 0 ? t('flowsteps:face.hours_days', { days: weekdays(open, t) }) : t('flowsteps:face.hours')
  },
}
export default face
