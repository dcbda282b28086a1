// The faces of steps: what each does in the owner's words, its name and its sign.
import type { Kind, Step } from '../types'
import { Fields, type Words } from './face'
import { faces } from './faces'

export { StepIcon } from './StepIcon'

/** One sentence about what this step does. Never throws: drafts may hold anything. */
export function faceOf(step: Step, kind: Kind | undefined, t: Words): string {
  const face = faces.get(step.kind)
  if (!face) return kind ? kind.title : t('flowsteps:face.unknown')
  return face.says(new Fields(step.fields ?? {}), t, kind)
}

/** The name that the owner gave it, else that of its kind. */
export function titleOf(step: Step, kind: Kind | undefined): string {
  return step.title?.trim() || kind?.title || step.kind.replaceAll('_', ' ')
}
