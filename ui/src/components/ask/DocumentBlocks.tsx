// A document as BotFlow read it, with the sentences of an answer marked and scrolled to.
import { Table } from '@mantine/core'
import { Fragment, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Block, SourceDocument } from '@/api/types'
import { markedCells, markParts } from '@/lib/marks'
import classes from './Document.module.css'

/** A price, a size, a time: short, with a digit in it. */
const isFigure = (cell: string) => cell.length <= 16 && /\d/.test(cell)

function Marked({ text, marks }: { text: string; marks: string[] }) {
  let at = 0
  return (
    <>
      {markParts(text, marks).map((part) => {
        const key = at
        at += part.text.length
        return part.marked ? <mark key={key}>{part.text}</mark> : <Fragment key={key}>{part.text}</Fragment>
      })}
    </>
  )
}

function BlockView({ block, marks }: { block: Block; marks: string[] }) {
  const { t } = useTranslation('ask')
  if (block.block === 'heading') {
    const Heading = (block.level ?? 2) <= 1 ? 'h2' : 'h3'
    return (
      <Heading dir="auto">
        <Marked text={block.text ?? ''} marks={marks} />
      </Heading>
    )
  }
  if (block.block === 'table') {
    return (
      // A region that scrolls has to be reached by the keyboard.
      <Table.ScrollContainer
        type="native"
        minWidth={320}
        tabIndex={0}
        role="region"
        aria-label={block.caption || t('table')}
      >
        <Table withTableBorder={false} verticalSpacing="xs" captionSide="top">
          {block.caption && <Table.Caption>{block.caption}</Table.Caption>}
          {block.header && block.header.length > 0 && (
            <Table.Thead>
              <Table.Tr>
                {block.header.map((cell, i) => (
                  <Table.Th key={`${i}-${cell}`} dir="auto">
                    {cell}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
          )}
          <Table.Tbody>
            {(block.rows ?? []).map((row, i) => {
              const meant = markedCells(row, marks)
              return (
                <Table.Tr key={`${i}-${row[0]}`}>
                  {row.map((cell, column) => (
                    <Table.Td
                      key={`${column}-${cell}`}
                      className={isFigure(cell) ? classes.number : undefined}
                      dir="auto"
                    >
                      {meant[column] ? <mark>{cell}</mark> : <Marked text={cell} marks={marks} />}
                    </Table.Td>
                  ))}
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    )
  }
  if (block.block === 'pair') {
    return (
      <div className={classes.pair} dir="auto">
        <strong>
          <Marked text={block.question ?? ''} marks={marks} />
        </strong>
        <p>
          <Marked text={block.answer ?? ''} marks={marks} />
        </p>
      </div>
    )
  }
  if (block.block === 'list_item') {
    return (
      <p className={classes.item} dir="auto">
        <Marked text={block.text ?? ''} marks={marks} />
      </p>
    )
  }
  return (
    <p dir="auto">
      <Marked text={block.text ?? ''} marks={marks} />
    </p>
  )
}

export function DocumentBlocks({
  document,
  marks = [],
  passageId,
  page,
}: {
  document: SourceDocument
  marks?: string[]
  passageId?: string | null | undefined
  page?: number | null | undefined
}) {
  const { t } = useTranslation('ask')
  const frame = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls once for each target
  useEffect(() => {
    const root = frame.current
    const target =
      root?.querySelector('mark') ??
      root?.querySelector('[data-target]') ??
      root?.querySelector(`[data-page="${page}"]`)
    target?.scrollIntoView({ block: 'center' })
  }, [document, passageId, page])
  let last: number | null = null
  return (
    <div ref={frame} className={classes.document}>
      {document.blocks.map((block, i) => {
        const turned = typeof block.page === 'number' && block.page !== last
        last = block.page ?? last
        const target = passageId !== undefined && passageId !== null && block.passage_id === passageId
        return (
          <Fragment key={i}>
            {turned && (
              <div className={classes.page} data-page={block.page}>
                {t('pageDivider', { page: block.page })}
              </div>
            )}
            <div data-target={target || undefined} className={target ? classes.target : undefined}>
              {/* Where the passage is known, only its own sentences are marked. */}
              <BlockView block={block} marks={passageId && !target ? [] : marks} />
            </div>
          </Fragment>
        )
      })}
    </div>
  )
}
