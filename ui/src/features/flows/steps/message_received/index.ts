// A customer writes: anything, certain words, something like examples, a file, or for the first time.
import { IconMessageCircle } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { listed, mediaWords } from '../words'

const face: StepFace = {
  icon: IconMessageCircle,
  says: (fields, t) => {
    const on = fields.string('on') || 'any'
    const list = (name: string) => fields.texts(name).map((word) => `“${word}”`)
    const words = list('words')
    const examples = list('examples')
    const kinds = fields.texts('kinds')
    if (on === 'keyword' && words.length > 0)
      return t('flowsteps:face.message_word', { words: listed(words.slice(0, 5), 'disjunction') })
    if (on === 'intent' && examples.length > 0) return t('flowsteps:face.message_like', { words: examples[0] })
    if (on === 'media' && kinds.length > 0) return t('flowsteps:face.message_media', { kinds: mediaWords(kinds, t) })
    if (on === 'first_contact') return t('flowsteps:face.message_first')
    if (on === 'referral') return t('flowsteps:face.message_referral')
    if (on === 'pattern') return t('flowsteps:face.message_pattern')
    return t('flowsteps:face.message_any')
  },
}
export default face
