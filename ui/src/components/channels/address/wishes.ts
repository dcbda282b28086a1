// What an owner typed about a way to this computer, as the program wants it, and what is still missing.
import type { AddressWay, PublicAddress, PublicAddressChange } from '@/api/types'

export const WAYS: AddressWay[] = ['cloudflared', 'cloudflared_named', 'ngrok', 'tailscale', 'typed', 'none']

export type Field = 'url' | 'hostname' | 'token' | 'program'
export type Wish = Record<Field, string>

/** Which fields a way has, in the order in which they are asked. */
export const FIELDS: Record<AddressWay, Field[]> = {
  none: [],
  typed: ['url'],
  cloudflared: ['program'],
  cloudflared_named: ['hostname', 'token', 'program'],
  ngrok: ['token', 'program'],
  tailscale: ['program'],
}

/** The program behind a way; both ways of Cloudflare have the same one. */
export const programOf = (way: AddressWay): AddressWay => (way === 'cloudflared_named' ? 'cloudflared' : way)

export const isTunnel = (way: AddressWay) => way !== 'none' && way !== 'typed'

/** What is kept of a way. A token never comes back. */
export function keptOf(way: AddressWay, address: PublicAddress): Wish {
  return {
    url: way === 'typed' && address.way === 'typed' ? (address.url ?? '') : '',
    hostname: way === 'cloudflared_named' ? (address.hostname ?? '') : '',
    token: '',
    program: programOf(way) === programOf(address.way) ? (address.program ?? '') : '',
  }
}

/** `shop.example.net/` becomes `https://shop.example.net`. */
export function urlIn(text: string): string {
  const bare = text.trim().replace(/\/+$/, '')
  return bare === '' || bare.includes('://') ? bare : `https://${bare}`
}

/** `https://Chat.Example.com/x` becomes `chat.example.com`. */
export function hostnameIn(text: string): string {
  const [host = ''] = text
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .split(/[/?#]/)
  return host.toLowerCase()
}

/** The vendors show a token at the end of a whole command, which people copy as it stands. */
export function tokenIn(text: string): string {
  return (
    text
      .trim()
      .split(/\s+/)
      .at(-1)
      ?.replace(/^["']|["']$/g, '') ?? ''
  )
}

/** Windows copies a path with quotes around it. */
export function pathIn(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2')
}

/** What is wrong with it, as keys of words: only what can be said without asking the program. */
export function lacks(way: AddressWay, wish: Wish, address: PublicAddress): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {}
  const named = /^[^\s/.]+(\.[^\s/.]+)+$/
  if (way === 'typed' && !/^https:\/\/[^\s/]+\.[^\s/]+$/.test(urlIn(wish.url))) found.url = 'bad.url'
  if (way === 'cloudflared_named') {
    if (!named.test(hostnameIn(wish.hostname))) found.hostname = 'bad.hostname'
    if (!wish.token.trim() && !address.tokens.includes(way)) found.token = 'bad.token'
  }
  return found
}

/** What is sent; what is empty is left out. */
export function changeOf(way: AddressWay, wish: Wish): PublicAddressChange {
  const clean: Wish = {
    url: urlIn(wish.url),
    hostname: hostnameIn(wish.hostname),
    token: tokenIn(wish.token),
    program: pathIn(wish.program),
  }
  const filled = FIELDS[way].filter((field) => clean[field] !== '').map((field) => [field, clean[field]])
  return { way, ...Object.fromEntries(filled) }
}
