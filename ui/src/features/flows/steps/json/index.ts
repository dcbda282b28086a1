// Reads data of programs, or makes it.
import { IconBraces } from '@tabler/icons-react'
import { i18next } from '@/i18n'
import { type StepFace, spoken } from '../face'
import { valueWords } from '../words'

const face: StepFace = {
  icon: IconBraces,
  says: (fields, t) => {
    const operation = fields.string('operation')
    const into = spoken(fields.string('variable'))
    const key = `flowsteps:face.json_${operation}`
    if (!i18next.exists(key)) return t('flowsteps:face.json')
    const what = t(key, { what: valueWords(fields, 'value', t) || '…' })
    return into ? t('flowsteps:face.tool_into', { what, into }) : what
  },
}
export default face
