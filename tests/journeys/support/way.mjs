// A way to the program's public port, as the tunnels and proxies of others are: it may hold event streams back.
import { createServer, request } from 'node:http'

/**
 * `let(how)`: streams `pass`, are held back until they end (`hold`), are ended as soon as they begin (`end`), or are
 * `refuse`d. `seen` counts what is asked for through it, `open` the streams that pass now.
 */
export async function openWay(t, target) {
  const way = { url: '', how: 'hold', seen: { streams: 0, asks: 0 }, open: 0, let: (how) => Object.assign(way, { how }) }
  const server = createServer((incoming, outgoing) => {
    const isAsk = incoming.method === 'GET' && incoming.url.includes('/messages?')
    if (isAsk) way.seen.asks += 1
    const { method, headers } = incoming
    const onwards = request(target + incoming.url, { method, headers }, (answer) => {
      const isStream = answer.headers['content-type']?.startsWith('text/event-stream')
      if (!isStream) return answer.pipe(outgoing.writeHead(answer.statusCode, answer.headers))
      way.seen.streams += 1
      if (way.how === 'refuse') {
        answer.destroy()
        // Not as a fault of the program's, which the page would count as a mistake.
        return outgoing.writeHead(421, { 'access-control-allow-origin': '*' }).end()
      }
      outgoing.writeHead(answer.statusCode, answer.headers).flushHeaders()
      if (way.how === 'end') {
        answer.destroy()
        return outgoing.end()
      }
      if (way.how === 'hold') {
        const held = []
        answer.on('data', (bytes) => held.push(bytes))
        return answer.on('end', () => outgoing.end(Buffer.concat(held)))
      }
      way.open += 1
      answer.once('close', () => {
        way.open -= 1
      })
      answer.pipe(outgoing)
    })
    onwards.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onwards.destroy())
    incoming.pipe(onwards)
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  way.url = `http://127.0.0.1:${server.address().port}`
  return way
}
