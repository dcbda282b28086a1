// What a kind's own part of the panel gets (`steps/<kind>/Part.tsx`); the rest it takes from `usePanelScope`.
import type { Step } from '../types'

export type PartProps = { step: Step; onChange: (step: Step) => void }
