// Calculates with dates.
import { IconCalendarPlus } from '@tabler/icons-react'
import { i18next } from '@/i18n'
import { type StepFace, spoken } from '../face'
import { momentWords } from '../words'

const face: StepFace = {
  icon: IconCalendarPlus,
  says: (fields, t, kind) => {
    const operation = fields.string('operation')
    const into = spoken(fields.string('variable'))
    const key = `flowsteps:face.date_tool_${operation}`
    if (!i18next.exists(key)) return t('flowsteps:face.date_tool')
    const now = t('flowsteps:face.now')
    const what = t(key, {
      what: momentWords(fields, 'date', t) || now,
      other: momentWords(fields, 'other', t) || now,
      amount: momentWords(fields, 'amount', t),
      unit: fields.picked('unit', kind),
    })
    return into ? t('flowsteps:face.tool_into', { what, into }) : what
  },
}
export default face
