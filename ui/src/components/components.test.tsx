// The shared components as people meet them.
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/client'
import type { AskResult, Source } from '@/api/types'
import { show } from '@/testing'
import { AskChat } from './ask/AskChat'
import { errorText, fieldErrors } from './errorText'
import { hueOf, initials } from './Face'
import { EmptyState, ErrorState } from './States'
import { statusLines } from './StatusFoot'
import { Steps } from './Steps'
import { shareDone } from './sources/sourceState'
import { useAutosave } from './useAutosave'

vi.mock('@tanstack/react-router', () => ({ Link: (props: object) => <a {...props} href="/x" /> }))
afterEach(() => vi.unstubAllGlobals())

describe('states', () => {
  it('an empty place teaches with one button', () => {
    show(<EmptyState picture="inbox" title="Nothing yet" action={<button type="button">Add</button>} />)
    expect(screen.getByRole('heading', { name: 'Nothing yet' })).toBeVisible()
    expect(screen.getAllByRole('button')).toHaveLength(1)
  })
  it('an error says what happened and can be tried again', async () => {
    const retry = vi.fn()
    show(<ErrorState error={new ApiError('offline', '')} retry={retry} />)
    expect(screen.getByRole('alert')).toHaveTextContent('BotFlow is not answering')
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(retry).toHaveBeenCalledOnce()
  })
  it('never shows the inside of a failure', () => {
    expect(errorText(new TypeError('x is undefined'))).not.toContain('undefined')
    expect(errorText(new ApiError('invalid', 'Say which.'))).toBe('Say which.')
    expect(fieldErrors(new ApiError('invalid', '', [{ field: 'url', message: 'No' }]))).toEqual({ url: 'No' })
  })
})

describe('steps', () => {
  it('open by keyboard and say their state in words', async () => {
    const open = vi.fn()
    show(
      <Steps
        open="b"
        onOpen={open}
        items={[
          { id: 'a', title: 'App', state: 'ok', stateLabel: 'Done' },
          {
            id: 'b',
            title: 'Key',
            state: 'failed',
            stateLabel: 'Needs a look',
            sentence: 'Refused.',
            fix: 'Make a new one.',
            children: 'Field',
          },
        ]}
      />,
    )
    expect(screen.getByRole('alert')).toHaveTextContent('Refused. Make a new one.')
    expect(screen.getByText('Field')).toBeVisible()
    screen.getByRole('button', { name: /App/ }).focus()
    await userEvent.keyboard('{Enter}')
    expect(open).toHaveBeenCalledWith('a')
  })
})

describe('faces', () => {
  it.each([
    ['Thandi Mokoena', 'TM'],
    ['  ', ''],
    ['Ünal', 'Ü'],
    ['+27 82 555', '25'],
    ['محمد علي', 'مع'],
  ])('%s becomes %s', (name, letters) => expect(initials(name)).toBe(letters))
  it('keep their colour', () => expect(hueOf('Aisha')).toBe(hueOf('Aisha')))
})

describe('progress of a source', () => {
  const at = (state: Source['state'], done: number) => shareDone({ state, progress: { done, total: 10 } })
  it('never runs backwards', () => {
    const way = [
      at('queued', 0),
      at('reading', 0),
      at('reading', 10),
      at('understanding', 0),
      at('understanding', 10),
      at('ready', 0),
    ]
    expect([...way].sort((a, b) => a - b)).toEqual(way)
  })
})

describe('status', () => {
  it('names what needs a look', () => {
    const lines = statusLines(
      {
        version: '1',
        public_address: { state: 'failed', url: 'https://x' },
        queue: { outgoing: 0, in_doubt: 0, set_aside: 0, failed: 2 },
        models: { embedding: 'damaged', chat: 'absent', cloud: 'none' },
        disk: { low: true },
        answering: false,
        search_model_missing: false,
      },
      (key) => key,
    )
    expect(lines.map((line) => line.tone)).toEqual(['off', ...Array(4).fill('attention')])
  })
})

function Field({ save }: { save: (change: Partial<{ name: string }>) => Promise<unknown> }) {
  const { values, set, state } = useAutosave({ name: 'Old' }, save)
  return (
    <>
      <input aria-label="name" value={values.name} onChange={(event) => set('name', event.target.value)} />
      <output>{state}</output>
    </>
  )
}

describe('autosave', () => {
  it('sends once after the last key and keeps words that failed', async () => {
    vi.useFakeTimers()
    const save = vi.fn().mockRejectedValueOnce(new ApiError('offline', '')).mockResolvedValue(undefined)
    show(<Field save={save} />)
    const input = screen.getByLabelText('name')
    fireEvent.change(input, { target: { value: 'N' } })
    fireEvent.change(input, { target: { value: 'New' } })
    expect(screen.getByRole('status')).toHaveTextContent('unsaved')
    await act(() => vi.advanceTimersByTimeAsync(1_000))
    expect(save).toHaveBeenCalledExactlyOnceWith({ name: 'New' })
    expect(screen.getByRole('status')).toHaveTextContent('failed')
    expect(input).toHaveValue('New')
    fireEvent.change(input, { target: { value: 'Newer' } })
    await act(() => vi.advanceTimersByTimeAsync(1_000))
    expect(save).toHaveBeenLastCalledWith({ name: 'Newer' })
    expect(screen.getByRole('status')).toHaveTextContent('saved')
    vi.useRealTimers()
  })
})

describe('asking', () => {
  const result: AskResult = {
    answer: {
      text: 'R 1,450, ready the same day.',
      rung: 'extractive',
      confidence: 0.8,
      approved_id: null,
      model: null,
      ms: 40,
      citations: [
        {
          source_id: 's',
          source_title: 'Price list',
          page: 2,
          passage_id: 'p',
          snippet: 'R 1,450',
          marks: ['R 1,450'],
        },
      ],
    },
    hits: [],
    ms: 40,
  }
  it('shows the answer with its source, and a correction becomes the answer', async () => {
    const calls: [string, unknown][] = []
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      calls.push([url, JSON.parse(String(init.body))])
      return new Response(JSON.stringify(url.endsWith('/ask') ? result : { id: 'a' }), { status: 200 })
    })
    show(<AskChat />)
    await userEvent.type(screen.getByRole('textbox'), 'How much?{Enter}')
    const log = screen.getByRole('log')
    await within(log).findByText(/ready the same day/)
    expect(screen.getByRole('button', { name: /Open Price list/ })).toHaveTextContent('Price list, page 2')
    await userEvent.click(screen.getByRole('button', { name: 'Wrong? Teach it' }))
    const answer = screen.getByLabelText('The bot says')
    await userEvent.clear(answer)
    await userEvent.type(answer, 'R 1,400.')
    await userEvent.click(screen.getByRole('button', { name: 'Save and use it' }))
    await waitFor(() => expect(calls).toContainEqual(['/api/answers', { question: 'How much?', answer: 'R 1,400.' }]))
    await waitFor(() => expect(calls.filter(([url]) => url === '/api/ask')).toHaveLength(2))
  })
  it('says honestly when nothing answers', async () => {
    vi.stubGlobal(
      'fetch',
      async () => new Response(JSON.stringify({ answer: null, unknown_reason: null, hits: [], ms: 1 })),
    )
    show(<AskChat suggestions={['Do you fly?']} />)
    await userEvent.click(screen.getByRole('button', { name: 'Do you fly?' }))
    expect(await screen.findByText('Nothing in your documents answers this.')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Teach the answer' })).toBeVisible()
  })
})
