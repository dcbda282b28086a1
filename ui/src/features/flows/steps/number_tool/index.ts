// Calculates.
import { IconCalculator } from '@tabler/icons-react'
import { i18next } from '@/i18n'
import { type StepFace, spoken } from '../face'
import { listed, momentWords } from '../words'

const face: StepFace = {
  icon: IconCalculator,
  says: (fields, t) => {
    const operation = fields.string('operation')
    const into = spoken(fields.string('variable'))
    const key = `flowsteps:face.number_tool_${operation}`
    if (!i18next.exists(key)) return t('flowsteps:face.number_tool')
    const number = momentWords(fields, 'number', t) || '…'
    const by = momentWords(fields, 'by', t)
    const what = t(key, { what: number, by: by || '…', both: listed([number, by].filter(Boolean)) })
    return into ? t('flowsteps:face.tool_into', { what, into }) : what
  },
}
export default face
