// Another flow of the bot begins this one.
import { IconArrowBarToRight } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = { icon: IconArrowBarToRight, says: (_, t) => t('flowsteps:face.called') }
export default face
