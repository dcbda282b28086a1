// A way between two steps, with a plus in its middle that lays a step onto it.
import { BaseEdge, type EdgeProps, getBezierPath, getSmoothStepPath } from '@xyflow/react'
import { memo, useContext } from 'react'
import classes from './Canvas.module.css'
import { CanvasDeeds } from './context'
import type { WayEdge as WayEdgeOf } from './drawing'

const BACK = 24

export const WayEdge = memo(function WayEdge(props: EdgeProps<WayEdgeOf>) {
  const deeds = useContext(CanvasDeeds)
  // A way that leads back goes around the cards.
  const back = props.targetX < props.sourceX + BACK
  const [path, x, y] = back ? getSmoothStepPath({ ...props, borderRadius: 16, offset: BACK }) : getBezierPath(props)
  const { edge, mark, overlay } = props.data ?? {}
  const wide = overlay === 'traffic' ? 1.6 + (mark?.share ?? 0) * 4 : undefined
  return (
    <>
      <BaseEdge
        path={path}
        interactionWidth={24}
        className={classes.line ?? ''}
        data-lit={mark?.lit || mark?.tested || undefined}
        {...(overlay ? { 'data-overlay': overlay } : {})}
        {...(wide ? { style: { strokeWidth: wide } } : {})}
        {...(props.markerEnd ? { markerEnd: props.markerEnd } : {})}
      />
      {mark?.note && (
        <text className={classes.taken} x={x} y={y - 6} textAnchor="middle">
          {mark.note}
        </text>
      )}
      {edge && (
        // biome-ignore lint/a11y/useSemanticElements: inside of a drawing there are no buttons
        <g
          role="button"
          aria-label={deeds.words.insert}
          className={classes.plus}
          transform={`translate(${x} ${y})`}
          tabIndex={-1}
          onClick={(event) => {
            event.stopPropagation()
            deeds.insertOn(edge)
          }}
          onKeyDown={(event) => event.key === 'Enter' && deeds.insertOn(edge)}
        >
          <circle r={11} />
          <path d="M-5 0H5M0 -5V5" />
        </g>
      )}
    </>
  )
})
