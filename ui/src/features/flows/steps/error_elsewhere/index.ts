// Another flow stopped because of an error.
import { IconAlertTriangle } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = { icon: IconAlertTriangle, says: (_, t) => t('flowsteps:face.error_elsewhere') }
export default face
