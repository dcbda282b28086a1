// Looks for free times in a calendar.
import { IconCalendarSearch } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = {
  icon: IconCalendarSearch,
  says: (fields, t) => {
    const calendar = fields.quoted('calendar')
    const count = fields.number('days') ?? 7
    return calendar ? t('flowsteps:face.free_slots_in', { calendar, count }) : t('flowsteps:face.free_slots')
  },
}
export default face
