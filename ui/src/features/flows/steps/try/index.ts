// Does steps and catches what goes wrong in them.
import { IconShieldCheck } from '@tabler/icons-react'
import type { StepFace } from '../face'

const face: StepFace = { icon: IconShieldCheck, says: (_, t) => t('flowsteps:face.try') }
export default face
