// Leaves something to chance.
import { IconDice3 } from '@tabler/icons-react'
import { i18next } from '@/i18n'
import { pathWords, type StepFace, spoken } from '../face'

const face: StepFace = {
  icon: IconDice3,
  says: (fields, t) => {
    const operation = fields.string('operation')
    const into = spoken(fields.string('variable'))
    const key = `flowsteps:face.random_${operation}`
    if (!i18next.exists(key)) return t('flowsteps:face.random')
    const list = pathWords(fields.string('list'))
    const what = t(key, {
      from: fields.number('from') ?? 1,
      to: fields.number('to') ?? 6,
      what: list ? t('flowsteps:rule.the', { what: list }) : t('flowsteps:face.a_list'),
    })
    return into ? t('flowsteps:face.tool_into', { what, into }) : what
  },
}
export default face
