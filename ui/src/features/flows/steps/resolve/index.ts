// Marks the conversation as done.
import { IconChecks } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = { icon: IconChecks, says: (_, t) => t('flowsteps:face.resolve') }
export default face
