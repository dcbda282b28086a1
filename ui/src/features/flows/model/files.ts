// Flows as files: saved to the computer and read from it.

/** Letters that are safe in a file's name everywhere. */
export const fileName = (name: string, end: string) =>
  `${
    name
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .slice(0, 80) || 'flow'
  }.${end}`

export function download(name: string, blob: Blob) {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // Some browsers begin to read only after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

export const MOST_BYTES = 5_000_000

/** What a file holds that was exported from here; null when it is something else. */
export function readExport(text: string): { name: string; definition: unknown } | null {
  try {
    const whole: unknown = JSON.parse(text)
    if (typeof whole !== 'object' || whole === null) return null
    const { flows, steps, name } = whole as { flows?: unknown; steps?: unknown; name?: unknown }
    const first: unknown = Array.isArray(flows) ? flows[0] : whole
    const title = (first as { name?: unknown } | undefined)?.name ?? name
    if (!Array.isArray(steps) && !(Array.isArray(flows) && flows.length > 0)) return null
    return { name: typeof title === 'string' ? title : '', definition: whole }
  } catch {
    return null
  }
}
