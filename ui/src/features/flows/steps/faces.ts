// Every folder here tells the face of one kind; the folder's name is the kind's.
import type { StepFace } from './face'

const files = import.meta.glob<StepFace>('./*/index.ts', { eager: true, import: 'default' })

export const faces: ReadonlyMap<string, StepFace> = new Map(
  Object.entries(files).map(([path, face]) => [path.split('/').at(-2) ?? '', face]),
)
