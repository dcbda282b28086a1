// A note on the canvas and the frame around a group.
import { type NodeProps, useStore } from '@xyflow/react'
import { memo, useContext, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Canvas.module.css'
import { CanvasDeeds } from './context'
import type { FrameNode as FrameNodeOf, StepNode } from './drawing'

export const NoteNode = memo(function NoteNode({ data, selected }: NodeProps<StepNode>) {
  const { words } = useContext(CanvasDeeds)
  const text = typeof data.step.fields.text === 'string' ? data.step.fields.text : ''
  return (
    <div className={classes.note} data-selected={selected || undefined}>
      <p dir="auto">{text || words.emptyNote}</p>
    </div>
  )
})

export const FrameNode = memo(function FrameNode({ data: { group } }: NodeProps<FrameNodeOf>) {
  const { t } = useTranslation('flows')
  const deeds = useContext(CanvasDeeds)
  const [naming, setNaming] = useState(false)
  // Far away the name is drawn larger, so that it can still be read.
  const far = useStore((store) => store.transform[2] < 0.5)
  const finish = (title: string) => {
    setNaming(false)
    if (title.trim() && title.trim() !== group.title) deeds.renameGroup(group.id, title.trim())
  }
  return (
    <section className={classes.frame} aria-label={group.title}>
      {naming ? (
        <input
          className={`${classes.frameName} nodrag`}
          defaultValue={group.title}
          maxLength={80}
          aria-label={t('groupName')}
          dir="auto"
          // biome-ignore lint/a11y/noAutofocus: somebody has just asked to name it
          autoFocus
          onFocus={(event) => event.currentTarget.select()}
          onBlur={(event) => finish(event.currentTarget.value)}
          onKeyDown={(event) => {
            event.stopPropagation()
            if (event.key === 'Enter') finish(event.currentTarget.value)
            if (event.key === 'Escape') setNaming(false)
          }}
        />
      ) : (
        <button
          type="button"
          tabIndex={-1}
          className={`${classes.frameTitle} frame-handle`}
          data-far={far || undefined}
          title={t('groupHint')}
          onClick={() => deeds.selectGroup(group.id)}
          onDoubleClick={() => setNaming(true)}
        >
          <bdi>{group.title}</bdi>
        </button>
      )}
    </section>
  )
})
