// Moving in from another computer, as its owner meets it.
import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sessionQuery } from '@/api/queries'
import type { MoveState, SessionInfo } from '@/api/types'
import { show } from '@/testing'
import { MoveIn } from './MoveIn'

afterEach(() => vi.unstubAllGlobals())

const state = (phase: MoveState['phase'], problem: string | null = null): MoveState => ({
  phase,
  problem,
  done_bytes: 50,
  total_bytes: 100,
  size_bytes: null,
  file_name: null,
})

/** The upload, answered at once. */
function uploads(status: number, body: unknown) {
  const forms: FormData[] = []
  vi.stubGlobal(
    'XMLHttpRequest',
    class {
      upload = {}
      status = status
      responseText = JSON.stringify(body)
      onload = () => {}
      open() {}
      setRequestHeader() {}
      send(form: FormData) {
        forms.push(form)
        queueMicrotask(() => this.onload())
      }
    },
  )
  return forms
}

function answers(byPath: Record<string, () => unknown>) {
  vi.stubGlobal('fetch', async (url: string) => {
    const body = byPath[String(url).replace('/api', '').split('?')[0] ?? '']?.() ?? null
    return new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } })
  })
}

async function fill() {
  const file = document.querySelector('input[type=file]') as HTMLInputElement
  await userEvent.upload(file, new File(['sealed'], 'shop.move'))
  await userEvent.type(screen.getByLabelText('Its passphrase'), 'four plain words')
  await userEvent.click(screen.getByRole('button', { name: 'Bring everything here' }))
}

describe('moving in', () => {
  it('sends the passphrase before the file, and goes on with the session of what came', async () => {
    const forms = uploads(202, state('working'))
    const came: SessionInfo = { setup_needed: false, user: null, workspace: null, workspaces: [] }
    answers({ '/move/import': () => state('none'), '/session': () => came })
    const { queries } = show(<MoveIn back={() => {}} />)
    await fill()
    await waitFor(() => expect(queries.getQueryData(sessionQuery.queryKey)).toEqual(came))
    expect([...(forms[0]?.keys() ?? [])]).toEqual(['passphrase', 'file'])
  })

  it('says that nothing was taken over, and lets the owner try again', async () => {
    uploads(202, state('working'))
    answers({ '/move/import': () => state('failed', 'This file is damaged.') })
    show(<MoveIn back={() => {}} />)
    await fill()
    expect(await screen.findByRole('alert')).toHaveTextContent('Nothing was taken over. This file is damaged.')
    expect(screen.getByRole('button', { name: 'Bring everything here' })).toBeEnabled()
  })

  it('does not wait for ever when the program was ended before it had everything', async () => {
    uploads(202, state('working'))
    const fresh: SessionInfo = { setup_needed: true, user: null, workspace: null, workspaces: [] }
    answers({ '/move/import': () => state('none'), '/session': () => fresh })
    show(<MoveIn back={() => {}} />)
    await fill()
    expect(await screen.findByRole('alert')).toHaveTextContent('BotFlow was ended before everything had come.')
    expect(screen.getByRole('button', { name: 'Bring everything here' })).toBeEnabled()
  })

  it('asks for the file and the passphrase in words', async () => {
    const back = vi.fn()
    show(<MoveIn back={back} />)
    await userEvent.click(screen.getByRole('button', { name: 'Bring everything here' }))
    expect(await screen.findByText('Choose the file first.')).toBeVisible()
    expect(screen.getByText('Type the passphrase that you chose on the other computer.')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Begin without a file' }))
    expect(back).toHaveBeenCalledOnce()
  })
})
