// The line to the program: errors a screen can act on, and changes that reach the right queries.
import { QueryClient } from '@tanstack/react-query'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connection } from '@/lib/connection'
import { ApiError, get, post, request, whenUnauthorized, withQuery } from './client'
import { listen, tagsOf } from './events'
import { newQueryClient } from './queries'

const answer = (
  status: number,
  body?: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) =>
  new Response(body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body), { status, headers })

afterEach(() => {
  vi.unstubAllGlobals()
  connection.set({ api: 'ok', events: 'closed' })
})

describe('requests', () => {
  it('send JSON to /api and leave empty query parts out', async () => {
    const fetch = vi.fn(async (..._: Parameters<typeof globalThis.fetch>) => answer(200, { ok: true }))
    vi.stubGlobal('fetch', fetch)
    expect(await get('/sources', { cursor: null, limit: 10, search: '' })).toEqual({ ok: true })
    expect(fetch.mock.calls[0]?.[0]).toBe('/api/sources?limit=10')
    await post('/ask', { question: 'x' })
    expect(fetch.mock.calls[1]?.[1]).toMatchObject({ method: 'POST', body: '{"question":"x"}' })
    expect(withQuery('/a', { b: false, c: 0 })).toBe('/a?b=false&c=0')
  })
  it('take an empty success as such', async () => {
    vi.stubGlobal('fetch', async () => answer(204))
    await expect(post('/x')).resolves.toBeUndefined()
  })
  it('carry the program’s own words and fields', async () => {
    vi.stubGlobal('fetch', async () =>
      answer(422, {
        code: 'invalid',
        message: 'Start with https.',
        fields: [{ field: 'url', message: 'No' }],
        request_id: 'r',
      }),
    )
    await expect(post('/x')).rejects.toMatchObject({ code: 'invalid', message: 'Start with https.', requestId: 'r' })
  })
  it.each([
    [404, 'not_found'],
    [413, 'too_large'],
    [500, 'internal'],
    [503, 'unavailable'],
    [400, 'invalid'],
  ])('understand a bare %d', async (status, code) => {
    vi.stubGlobal('fetch', async () => answer(status, '<html>', { 'content-type': 'text/html' }))
    await expect(get('/x')).rejects.toMatchObject({ code })
  })
  it('tell a silent program from a failing one', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch')
    })
    await expect(get('/x')).rejects.toMatchObject({ code: 'offline' })
    expect(connection.get().api).toBe('unreachable')
    vi.stubGlobal('fetch', async () => answer(200, {}))
    await get('/x')
    expect(connection.get().api).toBe('ok')
  })
  it('lead to the door when the session ended, but not when signing in fails', async () => {
    const door = vi.fn()
    whenUnauthorized(door)
    vi.stubGlobal('fetch', async () => answer(401, { code: 'unauthorized', message: 'Sign in.' }))
    await expect(request('POST', '/session')).rejects.toBeInstanceOf(ApiError)
    expect(door).not.toHaveBeenCalled()
    await expect(get('/home')).rejects.toBeInstanceOf(ApiError)
    expect(door).toHaveBeenCalledOnce()
  })
})

describe('retries', () => {
  it('repeat reads that may succeed, never writes', () => {
    const options = newQueryClient().getDefaultOptions()
    const retry = options.queries?.retry as (count: number, error: Error) => boolean
    expect(retry(0, new ApiError('offline', ''))).toBe(true)
    expect(retry(2, new ApiError('offline', ''))).toBe(false)
    expect(retry(0, new ApiError('not_found', ''))).toBe(false)
    expect(options.mutations?.retry).toBe(false)
  })
})

class FakeSource extends EventTarget {
  static all: FakeSource[] = []
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }
  close() {
    this.closed = true
  }
  say(type: string, data = '{}') {
    this.dispatchEvent(new MessageEvent(type, { data }))
  }
}

describe('the stream of changes', () => {
  it.each([
    ['{"tags":["sources","source:1"]}', ['sources', 'source:1']],
    ['{"tags":["a",1,null]}', ['a']],
    ['{}', []],
    ['nonsense', []],
  ])('reads %s', (data, tags) => expect(tagsOf(data)).toEqual(tags))

  it('lets the named queries fetch again, all after a gap, and comes back by itself', () => {
    vi.useFakeTimers()
    FakeSource.all = []
    vi.stubGlobal('EventSource', FakeSource)
    const queries = new QueryClient()
    const asked = vi.spyOn(queries, 'invalidateQueries')
    const stop = listen(queries)
    const first = FakeSource.all[0] as FakeSource
    first.onopen?.()
    expect(connection.get().events).toBe('open')
    expect(asked).not.toHaveBeenCalled()
    first.say('changed', '{"tags":["bots"]}')
    expect(asked).toHaveBeenLastCalledWith({ queryKey: ['bots'] })
    first.say('resync')
    expect(asked).toHaveBeenLastCalledWith()
    first.onerror?.()
    expect(first.closed).toBe(true)
    expect(connection.get().events).toBe('closed')
    vi.advanceTimersByTime(1_500)
    const second = FakeSource.all[1] as FakeSource
    asked.mockClear()
    second.onopen?.()
    expect(asked).toHaveBeenCalledWith()
    stop()
    second.onerror?.()
    vi.advanceTimersByTime(60_000)
    expect(FakeSource.all).toHaveLength(2)
    vi.useRealTimers()
  })
})
