// Books a time in a calendar.
import { IconCalendarCheck } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { momentWords } from '../words'

const face: StepFace = {
  icon: IconCalendarCheck,
  says: (fields, t) => {
    const start = momentWords(fields, 'start', t)
    const calendar = fields.string('like') ? '' : fields.quoted('calendar')
    if (!start) return t('flowsteps:face.book')
    return calendar ? t('flowsteps:face.book_in', { start, calendar }) : t('flowsteps:face.book_at', { start })
  },
}
export default face
