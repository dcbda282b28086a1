// Finds web addresses in plain text, so that they can be opened and nothing else becomes markup.

export type LinkPart = { text: string; url?: string }

/** The text in pieces; those that are http(s) addresses carry where they lead. */
export function linkParts(text: string): LinkPart[] {
  const parts: LinkPart[] = []
  let at = 0
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'`]+/gi)) {
    let shown = match[0].replace(/[.,;:!?*_~»”’]+$/, '')
    while (shown.endsWith(')') && shown.split('(').length < shown.split(')').length)
      shown = shown.slice(0, -1).replace(/[.,;:!?*_~»”’]+$/, '')
    let url: string
    try {
      url = new URL(shown).href
    } catch {
      continue
    }
    if (match.index > at) parts.push({ text: text.slice(at, match.index) })
    parts.push({ text: shown, url })
    at = match.index + shown.length
  }
  if (at < text.length) parts.push({ text: text.slice(at) })
  return parts
}
