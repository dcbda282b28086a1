// Typed text with the least of signs (`#` for a heading, `-` for a list) to HTML and back.

const safe = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** Blank lines part paragraphs; a line break inside of one stays. */
export function toHtml(text: string): string {
  const out: string[] = []
  let items: string[] = []
  let lines: string[] = []
  const flush = () => {
    if (items.length > 0) out.push(`<ul>${items.map((item) => `<li>${safe(item)}</li>`).join('')}</ul>`)
    if (lines.length > 0) out.push(`<p>${lines.map(safe).join('<br>')}</p>`)
    items = []
    lines = []
  }
  for (const raw of text.replace(/\r\n?/g, '\n').split('\n')) {
    const line = raw.trim()
    const heading = /^(#{1,3})\s+(.+)$/.exec(line)
    const item = /^[-*•]\s+(.+)$/.exec(line)
    if (heading?.[1] && heading[2]) {
      flush()
      const level = heading[1].length + 1
      out.push(`<h${level}>${safe(heading[2])}</h${level}>`)
    } else if (item?.[1]) {
      if (lines.length > 0) flush()
      items.push(item[1])
    } else if (line === '') flush()
    else {
      if (items.length > 0) flush()
      lines.push(line)
    }
  }
  flush()
  return out.join('\n')
}

/** What was typed here comes back as typed; other HTML keeps its words, headings and lists. */
export function toText(html: string): string {
  const blocks: string[] = []
  let run = ''
  const flush = () => {
    const text = run
      .split('\n')
      .map((line) => line.replace(/[ \t]+/g, ' ').trim())
      .join('\n')
      .trim()
    if (text) blocks.push(text)
    run = ''
  }
  const walk = (node: Node) => {
    if (node.nodeType === 3) {
      run += (node.textContent ?? '').replace(/\s+/g, ' ')
      return
    }
    const name = node.nodeName.toLowerCase()
    if (name === 'script' || name === 'style') return
    if (name === 'br') {
      run += '\n'
      return
    }
    const level = /^h([1-6])$/.exec(name)?.[1]
    const block = level || /^(p|div|ul|ol|li|table|tr|section|article|blockquote|pre)$/.test(name)
    if (block) flush()
    if (level) run = `${'#'.repeat(Math.min(3, Math.max(1, Number(level) - 1)))} `
    if (name === 'li') run = '- '
    for (const child of node.childNodes) walk(child)
    if (name === 'td' || name === 'th') run += ' '
    if (block) flush()
  }
  walk(new DOMParser().parseFromString(html, 'text/html').body)
  flush()
  // The lines of one list stand together.
  return blocks.reduce((text, block, i) => {
    if (i === 0) return block
    const tight = block.startsWith('- ') && blocks[i - 1]?.startsWith('- ')
    return `${text}${tight ? '\n' : '\n\n'}${block}`
  }, '')
}
