// Sorts, counts, filters a list.
import { IconListDetails } from '@tabler/icons-react'
import { i18next } from '@/i18n'
import { pathWords, type StepFace, spoken } from '../face'

const face: StepFace = {
  icon: IconListDetails,
  says: (fields, t) => {
    const operation = fields.string('operation')
    const into = spoken(fields.string('variable'))
    const key = `flowsteps:face.list_tool_${operation}`
    if (!i18next.exists(key)) return t('flowsteps:face.list_tool')
    const list = pathWords(fields.string('list'))
    const what = t(key, {
      what: list ? t('flowsteps:rule.the', { what: list }) : t('flowsteps:face.a_list'),
      position: fields.number('position') ?? 1,
    })
    return into ? t('flowsteps:face.tool_into', { what, into }) : what
  },
}
export default face
