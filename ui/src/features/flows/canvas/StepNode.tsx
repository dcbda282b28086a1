// One step on the canvas: its sign, its name, what it does in plain words, its ways out, and what is wrong with it.
import { IconAlertTriangle } from '@tabler/icons-react'
import { Handle, type NodeProps, Position } from '@xyflow/react'
import { memo } from 'react'
import { StepIcon } from '../steps'
import classes from './Canvas.module.css'
import type { StepNode as StepNodeOf } from './drawing'

export const StepNode = memo(function StepNode({ data, selected, isConnectable }: NodeProps<StepNodeOf>) {
  const { step, kind, head, rows, findings, mark, overlay } = data
  const problem = findings.find((finding) => finding.severity === 'error') ?? findings[0]
  return (
    <div
      className={classes.step}
      data-tone={kind?.group}
      data-selected={selected || undefined}
      data-problem={problem?.severity}
      data-overlay={overlay ?? undefined}
      data-lit={mark?.lit || mark?.tested || undefined}
      data-here={mark?.here || undefined}
    >
      {mark?.note && (
        <span className={classes.counts} data-loses={mark.loses || undefined}>
          {mark.note}
        </span>
      )}
      {!kind?.entry && (
        <Handle type="target" position={Position.Left} isConnectable={isConnectable} className={classes.end ?? ''} />
      )}
      <div className={classes.head}>
        <span className={classes.sign}>
          <StepIcon kind={step.kind} />
        </span>
        <span className={classes.title} dir="auto">
          {data.title}
        </span>
        {problem && <IconAlertTriangle size={16} className={classes.alert} aria-hidden />}
        {head && <Out branch={head} isConnectable={isConnectable} />}
      </div>
      <p className={classes.words} dir="auto" data-problem={problem?.severity === 'error' || undefined}>
        {problem?.severity === 'error' ? problem.message : data.says}
      </p>
      {rows.map((way) => (
        <div key={way.branch} className={classes.way}>
          <span className={classes.wayTitle} dir="auto">
            {way.title}
          </span>
          <Out branch={way.branch} isConnectable={isConnectable} />
        </div>
      ))}
    </div>
  )
})

function Out({ branch, isConnectable }: { branch: string; isConnectable: boolean }) {
  return (
    <Handle
      type="source"
      id={branch}
      position={Position.Right}
      isConnectable={isConnectable}
      className={classes.start ?? ''}
    />
  )
}
