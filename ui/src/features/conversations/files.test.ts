// Files by hand: never sent under two names, never lost with their words when they are refused.
import { QueryClient } from '@tanstack/react-query'
import { renderHook } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { readDraft, writeDraft } from '@/lib/drafts'
import { draftOf, pastedFile, pick, sendAsDocument, sendPicked, unpick, usePicked } from './files'
import { messagesQuery } from './queries'

afterEach(() => vi.unstubAllGlobals())

/** What the program answers, one after the other; null breaks the connection. */
function answers(...list: ([number, unknown] | null)[]) {
  const sent: FormData[] = []
  vi.stubGlobal(
    'XMLHttpRequest',
    class {
      upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {}
      status = 0
      responseText = ''
      onload = () => {}
      onerror = () => {}
      open() {}
      setRequestHeader() {}
      send(form: FormData) {
        sent.push(form)
        this.upload.onprogress?.({ loaded: 1, total: 2 })
        const answer = list.shift()
        if (!answer) return this.onerror()
        this.status = answer[0]
        this.responseText = JSON.stringify(answer[1])
        this.onload()
      }
    },
  )
  return sent
}

it('a file that is refused stays with its words and the reason, and goes again under the same id', async () => {
  const sent = answers(
    null,
    [409, { code: 'conflict', message: 'Files cannot go out now.' }],
    [201, { id: 'm1', content: { kind: 'document' } }],
  )
  const queries = new QueryClient()
  queries.setQueryData(messagesQuery('c1').queryKey, { pages: [{ items: [], next: null }], pageParams: [null] })
  const { result, rerender } = renderHook(() => usePicked('c1'))
  writeDraft(draftOf('c1'), 'Your invoice')
  pick('c1', new File(['x'], 'invoice.pdf', { type: 'application/pdf' }))
  expect(await sendPicked(queries, 'c1', 'Your invoice')).toBe(false)
  rerender()
  expect(result.current?.error).toMatchObject({ code: 'offline' })
  expect(await sendPicked(queries, 'c1', 'Your invoice')).toBe(false)
  rerender()
  expect(result.current?.error).toMatchObject({ message: 'Files cannot go out now.' })
  expect(readDraft(draftOf('c1'))).toBe('Your invoice')
  expect(await sendPicked(queries, 'c1', 'Your invoice')).toBe(true)
  rerender()
  expect(result.current).toBeUndefined()
  expect(readDraft(draftOf('c1'))).toBe('')
  expect(sent.map((form) => form.get('caption'))).toEqual(Array(3).fill('Your invoice'))
  expect(new Set(sent.map((form) => form.get('client_id'))).size).toBe(1)
  expect(sent.map((form) => (form.get('file') as File).name)).toEqual(Array(3).fill('invoice.pdf'))
  expect(queries.getQueryData(messagesQuery('c1').queryKey)?.pages[0]?.items.map((item) => item.id)).toEqual(['m1'])
})

it('a picture goes as a file only when that was asked for, and each conversation has its own', async () => {
  const sent = answers([201, { id: 'm2' }], [201, { id: 'm3' }])
  const queries = new QueryClient()
  pick('c2', new File(['x'], 'a.jpg', { type: 'image/jpeg' }))
  pick('c3', new File(['x'], 'b.jpg', { type: 'image/jpeg' }))
  sendAsDocument('c3', true)
  await sendPicked(queries, 'c2', '')
  await sendPicked(queries, 'c3', '')
  expect(sent.map((form) => [(form.get('file') as File).name, form.get('as_document'), form.get('caption')])).toEqual([
    ['a.jpg', null, null],
    ['b.jpg', 'true', null],
  ])
})

it('a file that was removed is not sent', async () => {
  const sent = answers()
  pick('c4', new File(['x'], 'a.jpg'))
  unpick('c4')
  expect(await sendPicked(new QueryClient(), 'c4', 'words')).toBe(false)
  expect(sent).toEqual([])
})

it.each<[string, string[], string, string | null]>([
  ['a picture copied in a browser is a file', ['text/html', 'Files'], '', 'a.png'],
  ['a screenshot is a file', ['Files'], '', 'a.png'],
  ['a file copied in a folder is a file, though its name comes along', ['text/plain', 'Files'], 'a.png', 'a.png'],
  ['words from Word stay words', ['text/plain', 'text/html', 'Files'], 'Dear customer', null],
  ['words are words', ['text/plain'], 'Hello', null],
])('%s', (_, types, plain, name) => {
  const files = types.includes('Files') ? [new File(['x'], 'a.png')] : []
  const data = { types, files, getData: () => plain } as unknown as DataTransfer
  expect(pastedFile(data)?.name ?? null).toBe(name)
})
