// The whole flow as a picture: drawn from the flow itself, in the colours of the screen, complete whatever one sees of it.
import { around, type Box, boxOf, CARD, headY, placesOf, rowY } from '../model/card'
import { NOTE, shownWays } from '../model/ways'
import type { Flow, Kind } from '../types'
import type { Words } from './drawing'

export type Colors = Record<
  'paper' | 'surface' | 'ink' | 'muted' | 'line' | 'edge' | 'accent' | 'accentSoft' | 'mark',
  string
>
const EDGE = 40
const MOST_PIXELS = 40_000_000

const asXml = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[sign]};`)

/** Cuts words to lines of about that many letters; the last line says with … that there was more. */
export function lines(text: string, letters: number, most: number): string[] {
  const out: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line && line.length + word.length + 1 > letters) {
      out.push(line)
      line = ''
    }
    line = line ? `${line} ${word}` : word
    while (line.length > letters) {
      out.push(line.slice(0, letters))
      line = line.slice(letters)
    }
  }
  if (line) out.push(line)
  if (out.length <= most) return out
  return [...out.slice(0, most - 1), `${(out[most - 1] ?? '').slice(0, letters - 1)}…`]
}

export function drawSvg(flow: Flow, kinds: ReadonlyMap<string, Kind>, words: Words, colors: Colors): string {
  const boxes = new Map(flow.steps.map((step) => [step.id, boxOf(step, kinds.get(step.kind), flow.edges)]))
  const whole = around([...boxes.values()])
  const view = [whole.x - EDGE, whole.y - EDGE - 20, whole.width + 2 * EDGE, whole.height + 2 * EDGE + 20]
  const parts: string[] = []
  const text = (x: number, y: number, size: number, color: string, content: string, extra = '') =>
    `<text x="${x}" y="${y}" font-size="${size}" fill="${color}"${extra}>${asXml(content)}</text>`

  for (const group of flow.groups) {
    const inside = flow.steps.filter((step) => step.group === group.id).flatMap((step) => boxes.get(step.id) ?? [])
    if (inside.length === 0) continue
    const box = around(inside)
    parts.push(
      `<rect x="${box.x - 20}" y="${box.y - 44}" width="${box.width + 40}" height="${box.height + 64}" rx="14" fill="none" stroke="${colors.line}" stroke-dasharray="4 4"/>`,
      text(box.x - 6, box.y - 22, 13, colors.muted, group.title, ' font-weight="600"'),
    )
  }
  for (const edge of flow.edges) {
    const step = flow.steps.find((one) => one.id === edge.from)
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)]
    if (!step || !from || !to) continue
    const { rows } = placesOf(shownWays(step, kinds.get(step.kind), flow.edges))
    const row = rows.findIndex((way) => way.branch === edge.branch)
    parts.push(curve(from, to, from.y + (row < 0 ? headY : rowY(row)), colors.edge))
  }
  for (const step of flow.steps) {
    const box = boxes.get(step.id)
    if (!box) continue
    const kind = kinds.get(step.kind)
    const said = step.kind === NOTE ? String(step.fields.text ?? '') : words.faceOf(step, kind)
    if (step.kind === NOTE) {
      parts.push(rect(box, colors.mark, colors.line, 4))
      parts.push(...lines(said, 34, 12).map((line, i) => text(box.x + 14, box.y + 26 + i * 20, 13, colors.ink, line)))
      continue
    }
    parts.push(
      rect(box, kind?.entry ? colors.accentSoft : colors.surface, kind?.entry ? colors.accent : colors.line, 10),
    )
    const title = lines(words.titleOf(step, kind), 32, 1)[0] ?? ''
    parts.push(text(box.x + 14, box.y + 25, 13, colors.ink, title, ' font-weight="600"'))
    parts.push(
      ...lines(said, 36, 2).map((line, i) => text(box.x + 14, box.y + CARD.head + 13 + i * 19, 13, colors.muted, line)),
    )
    placesOf(shownWays(step, kind, flow.edges)).rows.forEach((way, i) => {
      const y = box.y + rowY(i)
      const top = y - CARD.row / 2
      parts.push(
        `<path d="M${box.x} ${top}H${box.x + box.width}" stroke="${colors.line}"/>`,
        text(
          box.x + box.width - 12,
          y + 4,
          12,
          colors.ink,
          lines(words.wayTitle(way), 34, 1)[0] ?? '',
          ' text-anchor="end"',
        ),
      )
    })
  }
  const [, , width = 0, height = 0] = view
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view.join(' ')}" width="${width}" height="${height}" font-family="Inter, system-ui, sans-serif"><title>${asXml(flow.name)}</title><rect x="${view[0]}" y="${view[1]}" width="${width}" height="${height}" fill="${colors.paper}"/>${parts.join('')}</svg>`
}

const rect = (box: Box, fill: string, line: string, radius: number) =>
  `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="${radius}" fill="${fill}" stroke="${line}"/>`

function curve(from: Box, to: Box, y: number, color: string): string {
  const [x1, x2, y2] = [from.x + from.width, to.x, to.y + CARD.head / 2]
  const pull = Math.max(40, Math.abs(x2 - x1) / 2)
  return `<path d="M${x1} ${y}C${x1 + pull} ${y} ${x2 - pull} ${y2} ${x2} ${y2}" fill="none" stroke="${color}" stroke-width="1.6"/><circle cx="${x2}" cy="${y2}" r="3.5" fill="${color}"/>`
}

/** The colours that the screen shows now. */
export function colorsNow(): Colors {
  const style = getComputedStyle(document.documentElement)
  const probe = document.createElement('span')
  // Else, where motion is reduced, each colour would still be on its way from the one before.
  probe.style.setProperty('transition', 'none', 'important')
  document.body.append(probe)
  const read = (name: string) => {
    // Mixed colours are only numbers once something wears them.
    probe.style.color = style.getPropertyValue(name).trim() ? `var(${name})` : 'currentColor'
    return asRgb(getComputedStyle(probe).color)
  }
  const colors: Colors = {
    paper: read('--bf-paper'),
    surface: read('--bf-surface'),
    ink: read('--bf-ink'),
    muted: read('--bf-muted'),
    line: read('--bf-line-strong'),
    edge: read('--bf-faint'),
    accent: read('--bf-accent'),
    accentSoft: read('--bf-accent-soft'),
    mark: read('--bf-mark'),
  }
  probe.remove()
  return colors
}

/** Programs that open pictures know `rgb()`, not the newer ways of writing a colour. */
function asRgb(color: string): string {
  if (color.startsWith('rgb')) return color
  const canvas = document.createElement('canvas')
  canvas.width = 1
  canvas.height = 1
  const pen = canvas.getContext('2d')
  if (!pen) return color
  pen.fillStyle = color
  pen.fillRect(0, 0, 1, 1)
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data
  return `rgb(${r}, ${g}, ${b})`
}

/** As large as browsers allow, at most twice the size on screen. */
export async function toPng(svg: string): Promise<Blob | null> {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const scale = Math.min(
      2,
      Math.sqrt(MOST_PIXELS / (image.width * image.height)),
      16_000 / image.width,
      16_000 / image.height,
    )
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(image.width * scale))
    canvas.height = Math.max(1, Math.round(image.height * scale))
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
  } finally {
    URL.revokeObjectURL(address)
  }
}
