// Finds web addresses in plain text; everything else stays text, so that nothing in a message can become markup.

export type Part = { text: string; url?: string }

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi

/** An http(s) address that a link may open, or null. `base` is where one without a host leads. */
export function safeUrl(text: string, base?: string): string | null {
  try {
    const url = new URL(text, base)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null
  } catch {
    return null
  }
}

/** Punctuation that ends a sentence is not part of an address; a bracket is, when it was opened inside. */
function trim(address: string): string {
  let text = address
  for (;;) {
    const last = text[text.length - 1] ?? ''
    if (/[.,;:!?*_~»”’]/.test(last)) text = text.slice(0, -1)
    else if (last === ')' && text.split('(').length < text.split(')').length) text = text.slice(0, -1)
    else if (last === ']' && text.split('[').length < text.split(']').length) text = text.slice(0, -1)
    else return text
  }
}

export function linkify(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of text.matchAll(ADDRESS)) {
    const shown = trim(match[0])
    const url = safeUrl(shown)
    if (!url) continue
    const start = match.index ?? 0
    if (start > at) parts.push({ text: text.slice(at, start) })
    parts.push({ text: shown, url })
    at = start + shown.length
  }
  if (at < text.length) parts.push({ text: text.slice(at) })
  return parts
}
