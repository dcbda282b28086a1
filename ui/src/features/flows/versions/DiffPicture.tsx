// A flow before and after in one drawing: what came, what changed, and, struck out, what went.
import { ActionIcon } from '@mantine/core'
import { IconMinus, IconPlus } from '@tabler/icons-react'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Flow, Kind } from '../types'
import { BOX, type Box, drawingOf, stepTitle } from './changes'
import classes from './Versions.module.css'

const ZOOMS = [0.25, 0.4, 0.6, 0.8, 1]
/** Smaller, words can hardly be read; the first look is not larger than the last of these. */
const FIRST_LOOK = [1, 2, 3]

export function DiffPicture({
  before,
  after,
  kinds,
  chosen,
  onChoose,
}: {
  before: Flow | undefined
  after: Flow | undefined
  kinds: Kind[]
  chosen: string | null
  onChoose: (step: string) => void
}) {
  const { t } = useTranslation('flowtries')
  const frame = useRef<HTMLElement>(null)
  const [zoom, setZoom] = useState(3)
  const drawing = useMemo(
    () =>
      drawingOf(before, after, (step) => ({
        title: stepTitle(step, kinds, t('changes.aStep')),
        about: kinds.find((kind) => kind.name === step.kind)?.title ?? '',
      })),
    [before, after, kinds, t],
  )
  const scale = ZOOMS[zoom] ?? 0.8
  // The first look is at the whole, where that can be read.
  useLayoutEffect(() => {
    const width = frame.current?.clientWidth ?? 0
    const fits = FIRST_LOOK.findLast((one) => drawing.width * (ZOOMS[one] ?? 1) <= width)
    setZoom(fits ?? FIRST_LOOK[0] ?? 1)
  }, [drawing])
  // What was chosen in the list, or else the first change, stands in the middle.
  useEffect(() => {
    const box =
      drawing.boxes.find((one) => one.id === chosen) ?? drawing.boxes.find((one) => one.mark !== 'same') ?? null
    const { current } = frame
    if (!box || !current) return
    current.scrollTo({
      left: (box.x + BOX.width / 2) * scale - current.clientWidth / 2,
      top: (box.y + BOX.height / 2) * scale - current.clientHeight / 2,
    })
  }, [drawing, chosen, scale])
  if (drawing.boxes.length === 0) return null
  return (
    <figure className={classes.figure}>
      <section
        className={classes.drawing}
        ref={frame}
        dir="ltr"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the arrow keys
        tabIndex={0}
        aria-label={t('changes.drawing')}
      >
        <svg
          width={drawing.width * scale}
          height={drawing.height * scale}
          viewBox={`0 0 ${drawing.width} ${drawing.height}`}
          role="presentation"
        >
          {drawing.ways.map((way) => (
            <path key={way.id} d={way.path} className={classes.wayLine} data-mark={way.mark} />
          ))}
          {drawing.boxes.map((box) => (
            <BoxShape key={box.id} box={box} chosen={box.id === chosen} onChoose={onChoose} />
          ))}
        </svg>
      </section>
      <figcaption className={classes.legend}>
        {(['added', 'changed', 'removed'] as const).map((mark) => (
          <span key={mark} className={classes.legendItem} data-mark={mark}>
            {t(`changes.step_${mark}`)}
          </span>
        ))}
        <span className={classes.zoom}>
          <ActionIcon
            size={28}
            aria-label={t('changes.smaller')}
            disabled={zoom === 0}
            onClick={() => setZoom(zoom - 1)}
          >
            <IconMinus size={16} />
          </ActionIcon>
          <ActionIcon
            size={28}
            aria-label={t('changes.larger')}
            disabled={zoom === ZOOMS.length - 1}
            onClick={() => setZoom(zoom + 1)}
          >
            <IconPlus size={16} />
          </ActionIcon>
        </span>
      </figcaption>
    </figure>
  )
}

function BoxShape({ box, chosen, onChoose }: { box: Box; chosen: boolean; onChoose: (step: string) => void }) {
  const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
  return (
    // The list beside it says the same and is reached by keyboard.
    // biome-ignore lint/a11y/noStaticElementInteractions: a short cut into the list
    <g
      transform={`translate(${box.x} ${box.y})`}
      className={classes.box}
      data-mark={box.mark}
      data-chosen={chosen || undefined}
      onClick={() => onChoose(box.id)}
    >
      <title>{box.title}</title>
      <rect width={BOX.width} height={BOX.height} rx={10} />
      <text x={14} y={28} className={classes.boxTitle}>
        {short(box.title, 26)}
      </text>
      {box.about !== box.title && (
        <text x={14} y={48} className={classes.boxAbout}>
          {short(box.about, 32)}
        </text>
      )}
    </g>
  )
}
