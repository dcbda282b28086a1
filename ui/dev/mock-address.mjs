// The public address of the pretended program: a tunnel that starts, waits when its name holds "bad", and is reached.
const MINUTE = 60_000

export const freshAddress = () => ({
  url: null,
  state: 'none',
  sentence: '',
  fix: null,
  proven_at: null,
  round_trip_ms: null,
  way: 'none',
  program: null,
  hostname: null,
  tokens: [],
  tunnel: null,
  checks_today: 0,
  reachable_today: null,
  round_trip_p50_ms: null,
  local: '127.0.0.1:4871',
})

const PROGRAMS = [
  {
    way: 'cloudflared',
    found: '/usr/local/bin/cloudflared',
    version: '2026.10.1',
    advice: 'Install the package cloudflared from pkg.example.',
  },
  { way: 'ngrok', found: null, version: null, advice: 'Download ngrok from its site and put it into /usr/local/bin.' },
  { way: 'tailscale', found: null, version: null, advice: 'Install the package tailscale, then run “tailscale up”.' },
]

const tunnel = (state, sentence, more = {}) => ({
  state,
  sentence,
  fix: null,
  lines: [],
  restarts: 0,
  since: Date.now(),
  ...more,
})
const LINES = [
  '2026-11-21T08:14:02Z INF Requesting new quick Tunnel on trycloudflare.com...',
  '2026-11-21T08:14:05Z INF Registered tunnel connection connIndex=0 location=jnb01 protocol=quic',
]

let started = 0
let proving = false

function start(address) {
  started = Date.now()
  Object.assign(address, { state: 'unproven', sentence: 'Not tried yet.', fix: null })
  const { restarts = 0 } = address.tunnel ?? {}
  const found = address.program ?? PROGRAMS.find((item) => item.way === address.way.replace('_named', ''))?.found
  address.tunnel = found
    ? tunnel('starting', 'The tunnel starts. This takes about ten seconds.', { restarts })
    : tunnel('missing', 'The tunnel program is not on this computer.', { fix: 'Install it, or say where it is.' })
}

function reached(address) {
  Object.assign(address, {
    state: 'proven',
    sentence: 'This address reaches BotFlow from outside.',
    fix: null,
    proven_at: Date.now(),
    round_trip_ms: 182,
    checks_today: 212,
    reachable_today: 0.996,
    round_trip_p50_ms: 180,
  })
}

/** One tick; whether something changed. */
export function stepAddress({ address }) {
  if (address.tunnel?.state === 'starting' && Date.now() - started > 3_000) {
    if (address.hostname?.includes('bad')) {
      const sentence = 'Cloudflare does not accept the token.'
      address.tunnel = tunnel('waiting', sentence, {
        lines: [...LINES, 'ERR Unauthorized: invalid token'],
        restarts: 3,
        fix: 'Copy the token once more and enter it below.',
        until: Date.now() + 2 * MINUTE,
      })
      return true
    }
    address.tunnel = tunnel('up', 'The tunnel runs.', { lines: LINES, restarts: address.tunnel.restarts })
    address.url =
      address.way === 'cloudflared_named' ? `https://${address.hostname}` : 'https://calm-blue-river.trycloudflare.com'
    reached(address)
    return true
  }
  if (!proving || !address.url) return false
  proving = false
  if (!address.url.includes('bad')) reached(address)
  else
    Object.assign(address, {
      state: 'failed',
      sentence: 'Nothing answered at this address.',
      fix: 'Start the tunnel, or check the spelling of the address.',
      proven_at: Date.now() - 190 * MINUTE,
    })
  return true
}

export function defineAddressRoutes({ on, fail, changed, world }) {
  on('GET', '/public-address', () => world().address)
  on('GET', '/public-address/ways', () => ({ items: PROGRAMS }))
  on('PUT', '/public-address', ({ body }) => {
    const { address } = world()
    if (body.way === 'typed' && !/^https:\/\//.test(body.url ?? ''))
      fail(422, 'invalid', 'The address must start with https://', [
        { field: 'url', message: 'Start it with https://' },
      ])
    if (body.program && !body.program.includes('/'))
      fail(422, 'invalid', 'No program is there.', [{ field: 'program', message: 'There is no program at this path.' }])
    const { program = null, hostname = null, token } = body
    const tokens = token ? [...new Set([...address.tokens, body.way])] : address.tokens
    Object.assign(address, freshAddress(), { way: body.way, program, hostname, tokens })
    proving = body.way === 'typed'
    if (proving) Object.assign(address, { url: body.url, state: 'unproven', sentence: 'Not tried yet.' })
    else if (body.way !== 'none') start(address)
    changed('public_address', 'status', 'channels')
    return address
  })
  on('POST', '/public-address/prove', () => {
    const { address } = world()
    proving = true
    changed('public_address', 'status')
    return address
  })
  on('POST', '/public-address/restart', () => {
    const { address } = world()
    start(address)
    changed('public_address', 'status')
    return address
  })
}
