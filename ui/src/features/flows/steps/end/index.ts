// The flow is over.
import { IconFlag } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = { icon: IconFlag, says: (_, t) => t('flowsteps:face.end') }
export default face
