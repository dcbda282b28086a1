// Reads server-sent events from a body, with the heartbeats that an EventSource hides.

/** Takes text as it arrives, in any pieces; hands over whole events whose data is JSON. */
export function eventParser(onEvent: (name: string, data: unknown) => void): (text: string) => void {
  let rest = ''
  let name = ''
  let data: string[] = []
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) {
          let value: unknown
          try {
            value = JSON.parse(data.join('\n'))
          } catch {
            // Not ours: the next event may be.
          }
          if (value !== undefined) onEvent(name || 'message', value)
        }
        name = ''
        data = []
      } else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
      else if (line.startsWith('event:')) name = line.slice(6).trim()
    }
  }
}

export async function readEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
  onEvent: (name: string, data: unknown) => void,
) {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const take = eventParser(onEvent)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    onBytes()
    take(decoder.decode(value, { stream: true }))
  }
}
