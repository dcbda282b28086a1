// Asks a web service.
import { IconPlugConnected } from '@tabler/icons-react'
import { type StepFace, spoken } from '../face'
import { hostOf, some } from '../words'

const face: StepFace = {
  icon: IconPlugConnected,
  says: (fields, t) => {
    const host = hostOf(fields.string('url'))
    if (!host) return t('flowsteps:face.http')
    const names = fields
      .items('save')
      .map((one) => spoken(one.string('variable')))
      .filter(Boolean)
    const what = t(
      /^(GET|HEAD|)$/.test(fields.string('method')) ? 'flowsteps:face.http_ask' : 'flowsteps:face.http_send',
      { host },
    )
    return names.length > 0 ? t('flowsteps:face.http_keep', { what, names: some(names, t) }) : what
  },
}
export default face
