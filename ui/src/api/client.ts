// One way to speak with the program: JSON in, JSON out, every failure as an ApiError that a screen can act on.
import { connection } from '@/lib/connection'
import type { ErrorBody, ErrorCode, FieldError } from './types'

/** `offline`: the program did not answer at all. */
export type FailureCode = ErrorCode | 'offline'

export class ApiError extends Error {
  readonly code: FailureCode
  readonly fields: FieldError[]
  readonly requestId: string | undefined

  constructor(code: FailureCode, message: string, fields: FieldError[] = [], requestId?: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.fields = fields
    this.requestId = requestId
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>
export type RequestOptions = {
  body?: unknown
  query?: Query
  signal?: AbortSignal
}

let onUnauthorized: () => void = () => {}

/** What happens when the session has ended; set once by the app. */
export function whenUnauthorized(react: () => void) {
  onUnauthorized = react
}

export function withQuery(path: string, query?: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

function codeOf(status: number): ErrorCode {
  const codes: Record<number, ErrorCode> = {
    401: 'unauthorized',
    403: 'forbidden',
    404: 'not_found',
    409: 'conflict',
    413: 'too_large',
    415: 'unsupported',
    429: 'too_many',
    502: 'upstream',
    503: 'unavailable',
    504: 'timeout',
  }
  return codes[status] ?? (status >= 500 ? 'internal' : 'invalid')
}

/** A proxy or a closed program answers without our error shape; then the status alone has to speak. */
function failure(status: number, body: Partial<ErrorBody> | null): ApiError {
  if (body?.code && body.message) return new ApiError(body.code, body.message, body.fields ?? [], body.request_id)
  return new ApiError(codeOf(status), '')
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The program's answer when it did what was asked; every failure is thrown. */
async function answer(method: Method, path: string, options: RequestOptions): Promise<Response> {
  const { body, query, signal } = options
  const form = body instanceof FormData
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined && !form) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(withQuery(`/api${path}`, query), {
      method,
      headers,
      credentials: 'same-origin',
      body: form ? body : body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    connection.set({ api: 'unreachable' })
    throw new ApiError('offline', '')
  }
  // What a development proxy answers when nothing listens behind it.
  if (response.status === 502 && !response.headers.get('content-type')?.includes('json')) {
    connection.set({ api: 'unreachable' })
    throw new ApiError('offline', '')
  }
  connection.set({ api: 'ok' })
  if (!response.ok) {
    const error = failure(response.status, (await response.json().catch(() => null)) as Partial<ErrorBody> | null)
    if (error.code === 'unauthorized' && path !== '/session') onUnauthorized()
    throw error
  }
  return response
}

/** `path` is relative to /api. Resolves to undefined for 204. */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await answer(method, path, options)
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined as T
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) =>
  request<T>('GET', path, { query: query ?? {}, ...(signal ? { signal } : {}) })
export const post = <T>(path: string, body?: unknown) => request<T>('POST', path, { body })
export const put = <T>(path: string, body?: unknown) => request<T>('PUT', path, { body })
export const patch = <T>(path: string, body?: unknown) => request<T>('PATCH', path, { body })
export const del = <T = void>(path: string) => request<T>('DELETE', path)
/** Has the program make a file. */
export const postForFile = async (path: string): Promise<Blob> => (await answer('POST', path, {})).blob()

/** Posts a form and tells how much of it has left, from 0 to 1; `fetch` cannot. */
export function upload<T>(path: string, form: FormData, onProgress: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest()
    sending.open('POST', `/api${path}`)
    sending.setRequestHeader('accept', 'application/json')
    sending.upload.onprogress = ({ loaded, total }) => total > 0 && onProgress(loaded / total)
    sending.onerror = () => {
      connection.set({ api: 'unreachable' })
      reject(new ApiError('offline', ''))
    }
    sending.onload = () => {
      connection.set({ api: 'ok' })
      let body: unknown = null
      try {
        body = JSON.parse(sending.responseText)
      } catch {
        // Then the status alone has to speak.
      }
      if (sending.status >= 200 && sending.status < 300) return resolve(body as T)
      const error = failure(sending.status, body as Partial<ErrorBody> | null)
      if (error.code === 'unauthorized') onUnauthorized()
      reject(error)
    }
    sending.send(form)
  })
}
