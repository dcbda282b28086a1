// A model finds out whether the customer is content.
import { IconMoodSearch } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = { icon: IconMoodSearch, says: (_, t) => t('flowsteps:face.sentiment') }
export default face
