// What a run asks a person: the question in its words, and an answer that reaches the program.
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { show } from '@/testing'
import { DecisionCard } from './DecisionCard'

afterEach(() => vi.unstubAllGlobals())

it.each([
  ['Yes, go on', true],
  ['No', false],
])('a person says: %s', async (button, yes) => {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    sent.push([init.method, url, JSON.parse(String(init.body))])
    return new Response(null, { status: 204 })
  })
  show(<DecisionCard runId="r1" decision={{ seq: 4, title: 'Give a discount?', details: 'Ann asks for 10 %.' }} />)
  expect(screen.getByText('Ann asks for 10 %.')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: button }))
  expect(sent).toEqual([['POST', '/api/runs/r1/decisions/4', { yes }]])
})
