// The clock begins the flow.
import { IconCalendarTime } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { cronWords } from '../words'

const face: StepFace = {
  icon: IconCalendarTime,
  says: (fields, t) => {
    const when = cronWords(fields.string('cron'), t) || t('flowsteps:cron.own')
    const tag = fields.text('for_tag')
    return tag ? t('flowsteps:face.schedule_tag', { when, tag }) : t('flowsteps:face.schedule', { when })
  },
}
export default face
