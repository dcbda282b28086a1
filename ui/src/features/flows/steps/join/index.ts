// Waits for what was begun at once.
import { IconArrowMerge } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = { icon: IconArrowMerge, says: (_, t) => t('flowsteps:face.join') }
export default face
