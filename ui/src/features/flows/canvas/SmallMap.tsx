// The whole flow in small. Painted once for each change, not while something moves; only the frame of what one sees follows.
import { Panel, useReactFlow, useStore } from '@xyflow/react'
import { memo, type PointerEvent, useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { around, type Box, boxOf } from '../model/card'
import type { Finding, Flow, Kind } from '../types'
import classes from './Canvas.module.css'
import type { Marks } from './marks'

const SIZE = { width: 200, height: 140, edge: 8 }

type Props = {
  flow: Flow
  kinds: ReadonlyMap<string, Kind>
  findings: ReadonlyMap<string, Finding[]>
  marks: Marks
  scheme: string
}

export const SmallMap = memo(function SmallMap({ flow, kinds, findings, marks, scheme }: Props) {
  const { t } = useTranslation('flows')
  const { setCenter, getZoom } = useReactFlow()
  const paper = useRef<HTMLCanvasElement>(null)
  const boxes = useMemo(
    () => flow.steps.map((step) => ({ step, box: boxOf(step, kinds.get(step.kind), flow.edges) })),
    [flow, kinds],
  )
  const fit = useMemo(() => {
    const whole = around(boxes.map((one) => one.box))
    const wide = (SIZE.width - 2 * SIZE.edge) / Math.max(whole.width, 1)
    const high = (SIZE.height - 2 * SIZE.edge) / Math.max(whole.height, 1)
    const scale = Math.min(wide, high, 0.12)
    return {
      scale,
      x: (SIZE.width - whole.width * scale) / 2 - whole.x * scale,
      y: (SIZE.height - whole.height * scale) / 2 - whole.y * scale,
    }
  }, [boxes])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours come with the scheme
  useEffect(() => {
    const pen = paper.current?.getContext('2d')
    if (!pen || !paper.current) return
    const sharp = Math.min(window.devicePixelRatio || 1, 2)
    paper.current.width = SIZE.width * sharp
    paper.current.height = SIZE.height * sharp
    pen.scale(sharp, sharp)
    const style = getComputedStyle(paper.current)
    const color = (name: string) => style.getPropertyValue(name).trim()
    const [plain, accent, attention] = [color('--bf-line-strong'), color('--bf-accent'), color('--bf-attention')]
    for (const { step, box } of boxes) {
      const mark = marks.steps.get(step.id)
      const wrong = findings.get(step.id)?.some((finding) => finding.severity === 'error')
      pen.fillStyle =
        wrong || mark?.loses ? attention : mark?.lit || mark?.tested || kinds.get(step.kind)?.entry ? accent : plain
      const { x, y, width, height } = small(box, fit)
      pen.fillRect(x, y, Math.max(width, 1.5), Math.max(height, 1.5))
    }
  }, [boxes, fit, kinds, findings, marks, scheme])

  const go = (event: PointerEvent<HTMLElement>) => {
    if (event.type === 'pointermove' && event.buttons !== 1) return
    const here = event.currentTarget.getBoundingClientRect()
    const x = (event.clientX - here.x - fit.x) / fit.scale
    const y = (event.clientY - here.y - fit.y) / fit.scale
    void setCenter(x, y, { zoom: getZoom() })
  }
  return (
    <Panel position="bottom-right" className={classes.map ?? ''}>
      <div
        title={t('minimap')}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          go(event)
        }}
        onPointerMove={go}
      >
        <canvas ref={paper} style={{ inlineSize: SIZE.width, blockSize: SIZE.height }} aria-hidden />
        <Seen fit={fit} />
      </div>
    </Panel>
  )
})

type Fit = { scale: number; x: number; y: number }
const small = (box: Box, fit: Fit): Box => ({
  x: box.x * fit.scale + fit.x,
  y: box.y * fit.scale + fit.y,
  width: box.width * fit.scale,
  height: box.height * fit.scale,
})

/** The part that one sees, moved without drawing anything else anew. */
function Seen({ fit }: { fit: Fit }) {
  const frame = useRef<HTMLSpanElement>(null)
  useStore((store) => {
    const [x, y, zoom] = store.transform
    const seen = small({ x: -x / zoom, y: -y / zoom, width: store.width / zoom, height: store.height / zoom }, fit)
    const element = frame.current
    if (element) {
      element.style.transform = `translate(${seen.x}px, ${seen.y}px)`
      element.style.width = `${seen.width}px`
      element.style.height = `${seen.height}px`
    }
    return null
  })
  return <span ref={frame} className={classes.seen} />
}
