// Goes on at another step.
import { IconCornerDownRight } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = { icon: IconCornerDownRight, says: (_, t) => t('flowsteps:face.jump') }
export default face
