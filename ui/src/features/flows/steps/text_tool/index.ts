// Changes a text, or takes something out of it.
import { IconLetterCase } from '@tabler/icons-react'
import { i18next } from '@/i18n'
import { type StepFace, spoken } from '../face'
import { valueWords } from '../words'

const face: StepFace = {
  icon: IconLetterCase,
  says: (fields, t) => {
    const operation = fields.string('operation')
    const into = spoken(fields.string('variable'))
    const key = `flowsteps:face.text_tool_${operation}`
    if (!i18next.exists(key)) return t('flowsteps:face.text_tool')
    const what = t(key, { what: valueWords(fields, 'text', t) || '…', find: fields.text('find', 30) })
    return into ? t('flowsteps:face.tool_into', { what, into }) : what
  },
}
export default face
