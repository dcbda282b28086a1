// Problems by the step that has them; the lists stay the same objects while nothing in them changes.
import { useRef } from 'react'
import type { Finding } from '../types'

export function useFindingsByStep(findings: Finding[]): ReadonlyMap<string, Finding[]> {
  const last = useRef<{ from: Finding[]; map: Map<string, Finding[]> }>({ from: [], map: new Map() })
  if (last.current.from !== findings) {
    const map = new Map<string, Finding[]>()
    for (const finding of findings) {
      if (!finding.step) continue
      const own = map.get(finding.step)
      if (own) own.push(finding)
      else map.set(finding.step, [finding])
    }
    let same = map.size === last.current.map.size
    for (const [step, list] of map) {
      const old = last.current.map.get(step)
      if (old && JSON.stringify(old) === JSON.stringify(list)) map.set(step, old)
      else same = false
    }
    last.current = { from: findings, map: same ? last.current.map : map }
  }
  return last.current.map
}
