// The check-up as an owner meets it: what is wrong comes first, with what to do, and a report can be saved.
import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { DoctorFinding, DoctorReport } from '@/api/types'
import { show } from '@/testing'
import { Doctor } from './Doctor'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const good: DoctorFinding = {
  area: 'disk',
  name: 'Disk',
  of: null,
  standing: 'good',
  sentence: '90 GB are free.',
  fix: null,
}
const bad: DoctorFinding = {
  area: 'data',
  name: 'Business data',
  of: 'Corner Shop',
  standing: 'bad',
  sentence: 'The file is damaged.',
  fix: 'Restore your latest backup.',
}

function report(findings: DoctorFinding[], standing: DoctorReport['standing']): DoctorReport {
  return { version: '0.1.0', at: 0, standing, findings }
}

function program(answers: (path: string, method?: string) => Response | Promise<Response>) {
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => answers(path, init.method))
}

it('puts what is wrong first and says what to do', async () => {
  program(() => new Response(JSON.stringify(report([good, bad], 'bad'))))
  show(<Doctor />)
  await userEvent.click(screen.getByRole('button', { name: 'Check everything' }))
  expect(await screen.findByText('One thing is not right.')).toBeVisible()
  const [first, second] = screen.getAllByRole('listitem')
  expect(within(first as HTMLElement).getByText('Not right')).toBeVisible()
  expect(first).toHaveTextContent('Business data · Corner Shop')
  expect(first).toHaveTextContent('What to do: Restore your latest backup.')
  expect(second).toHaveTextContent('DiskGood90 GB are free.')
  expect(screen.getByRole('button', { name: 'Check again' })).toBeEnabled()
})

it('waits in words and says when all is well', async () => {
  let tell = (_: Response) => {}
  program(
    () =>
      new Promise<Response>((resolve) => {
        tell = resolve
      }),
  )
  show(<Doctor />)
  await userEvent.click(screen.getByRole('button', { name: 'Check everything' }))
  expect(await screen.findByText(/^Checking\./)).toBeVisible()
  tell(new Response(JSON.stringify(report([good], 'good'))))
  expect(await screen.findByText('All is well.')).toBeVisible()
  expect(screen.queryByText(/^Checking\./)).toBeNull()
})

it('says why when the check could not be made', async () => {
  const body = { code: 'timeout', message: 'This took too long and was stopped.', request_id: 'r' }
  program(() => new Response(JSON.stringify(body), { status: 504 }))
  show(<Doctor />)
  await userEvent.click(screen.getByRole('button', { name: 'Check everything' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('This took too long and was stopped.')
})

it('saves the report as a file and says what is not in it', async () => {
  const asked: string[] = []
  program((path, method) => {
    asked.push(`${method} ${path}`)
    return new Response('zip')
  })
  URL.createObjectURL = vi.fn(() => 'blob:report')
  URL.revokeObjectURL = vi.fn()
  const saved = vi.fn()
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved(this.download, this.href)
  })
  show(<Doctor />)
  const button = screen.getByRole('button', { name: 'Save a report for support' })
  expect(button).toHaveAccessibleDescription(/Not in it: messages, people, documents/)
  await userEvent.click(button)
  await waitFor(() => expect(saved).toHaveBeenCalledWith('support-report.zip', 'blob:report'))
  expect(asked).toEqual(['POST /api/support-bundle'])
})
