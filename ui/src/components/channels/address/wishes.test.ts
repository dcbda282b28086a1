// What owners paste, and what the program gets of it.
import { describe, expect, it } from 'vitest'
import type { AddressWay, PublicAddress } from '@/api/types'
import { noAddress as none } from '@/testing'
import { changeOf, hostnameIn, keptOf, lacks, pathIn, tokenIn, urlIn, type Wish } from './wishes'

const wish = (some: Partial<Wish>): Wish => ({ url: '', hostname: '', token: '', program: '', ...some })

describe('what is pasted', () => {
  it.each([
    ['shop.example.net/', 'https://shop.example.net'],
    [' https://shop.example.net// ', 'https://shop.example.net'],
    ['http://shop.example.net', 'http://shop.example.net'],
    ['', ''],
  ])('the address %j is %j', (text, url) => expect(urlIn(text)).toBe(url))
  it.each([
    ['https://Chat.Example.com/hook?x=1', 'chat.example.com'],
    [' chat.example.com ', 'chat.example.com'],
    ['', ''],
  ])('the name %j is %j', (text, name) => expect(hostnameIn(text)).toBe(name))
  it.each([
    ['cloudflared.exe service install eyJhIjoiNzc3In0=', 'eyJhIjoiNzc3In0='],
    ['ngrok config add-authtoken 2abc_DEF', '2abc_DEF'],
    ['  "eyJh"\n', 'eyJh'],
    ['', ''],
  ])('the token in %j is %j', (text, token) => expect(tokenIn(text)).toBe(token))
  it.each([
    ['"C:\\Program Files\\cloudflared.exe"', 'C:\\Program Files\\cloudflared.exe'],
    [' /opt/ngrok ', '/opt/ngrok'],
  ])('the path %j is %j', (text, path) => expect(pathIn(text)).toBe(path))
})

describe('what is missing', () => {
  it.each<[AddressWay, Partial<Wish>, string[]]>([
    ['none', {}, []],
    ['cloudflared', {}, []],
    ['ngrok', {}, []],
    ['tailscale', {}, []],
    ['typed', {}, ['url']],
    ['typed', { url: 'http://shop.example.net' }, ['url']],
    ['typed', { url: 'https://shop.example.net/chat' }, ['url']],
    ['typed', { url: 'https://localhost' }, ['url']],
    ['typed', { url: 'shop.example.net' }, []],
    ['typed', { url: 'https://shop.example.net:8443' }, []],
    ['cloudflared_named', {}, ['hostname', 'token']],
    ['cloudflared_named', { hostname: 'chat', token: 'x' }, ['hostname']],
    ['cloudflared_named', { hostname: 'https://chat.example.com', token: 'x' }, []],
  ])('of %s with %j: %j', (way, some, fields) => expect(Object.keys(lacks(way, wish(some), none))).toEqual(fields))
  it.each([
    [['cloudflared_named'], []],
    [['ngrok'], ['token']],
  ] as [AddressWay[], string[]][])('with the tokens of %j kept: %j', (tokens, fields) => {
    // Another way was gone meanwhile.
    const address = { ...none, way: 'tailscale' as const, tokens }
    expect(Object.keys(lacks('cloudflared_named', wish({ hostname: 'a.example' }), address))).toEqual(fields)
  })
})

describe('what is sent', () => {
  it('holds only the fields of its way, and no empty ones', () => {
    const all = wish({ url: 'a.example', hostname: 'b.example', token: 'run eyJ', program: '"/x y"' })
    expect(changeOf('none', all)).toEqual({ way: 'none' })
    expect(changeOf('typed', all)).toEqual({ way: 'typed', url: 'https://a.example' })
    expect(changeOf('ngrok', all)).toEqual({ way: 'ngrok', token: 'eyJ', program: '/x y' })
    expect(changeOf('cloudflared', wish({}))).toEqual({ way: 'cloudflared' })
  })
  it('the address of a tunnel is not taken for one that was typed', () => {
    const tunnel: PublicAddress = { ...none, way: 'cloudflared', url: 'https://x.example', program: '/opt/cf' }
    expect(keptOf('typed', tunnel).url).toBe('')
    expect(keptOf('cloudflared_named', tunnel).program).toBe('/opt/cf')
    expect(keptOf('ngrok', tunnel).program).toBe('')
    expect(keptOf('typed', { ...tunnel, way: 'typed' }).url).toBe('https://x.example')
  })
})
