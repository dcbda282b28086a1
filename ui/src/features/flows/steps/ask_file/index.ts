// Asks for a picture or a file.
import { IconPaperclip } from '@tabler/icons-react'
import type { StepFace } from '../face'
import { mediaWords, question } from '../words'

const face: StepFace = {
  icon: IconPaperclip,
  says: (fields, t) => {
    const kinds = fields.texts('kinds')
    const what =
      kinds.length > 0 ? t('flowsteps:face.ask_file_of', { kinds: mediaWords(kinds, t) }) : t('flowsteps:face.ask_file')
    return question(fields, t, what)
  },
}
export default face
