// Plays the script whenever it, the flow's draft or the customer changed; only the newest answer counts.
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { flowQuery, simulate } from '../api'
import type { Action, Flow, Simulated } from '../types'
import { act, played, record, scriptOf } from './script'
import { useBook } from './store'

/** `paused`: while the customer is being described, so that not every letter is played. */
export function useSimulation(botId: string, flow: Flow, paused: boolean) {
  const [book, change] = useBook(flow.id)
  const [result, setResult] = useState<{ key: string; value: Simulated } | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [turn, setTurn] = useState(0)
  // The program plays the draft that it has; each saving may change what comes out.
  const { data: revision } = useQuery({ ...flowQuery(botId, flow.id), select: (draft) => draft.revision })
  const empty = played(book).length === 0
  const key = JSON.stringify([botId, scriptOf(book, flow.id)])
  const known = useRef('')
  const changeNow = useRef(change)
  changeNow.current = change

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks for another try
  useEffect(() => {
    const wanted = `${key} ${revision}`
    if (empty) {
      known.current = ''
      setResult(null)
      setError(null)
      setBusy(false)
      return
    }
    if (paused) return
    // What the program just recorded is the script that it just played.
    if (known.current === wanted) return
    const [, script] = JSON.parse(key) as [string, ReturnType<typeof scriptOf>]
    const asking = new AbortController()
    setBusy(true)
    simulate(botId, script, asking.signal)
      .then((value) => {
        if (asking.signal.aborted) return
        const full = { ...script, actions: value.actions }
        const fullKey = JSON.stringify([botId, full])
        known.current = `${fullKey} ${revision}`
        setResult({ key: fullKey, value })
        setError(null)
        setBusy(false)
        changeNow.current((now) => record(now, script.actions, value.actions))
      })
      .catch((failure: unknown) => {
        if (asking.signal.aborted) return
        known.current = ''
        setError(failure)
        setBusy(false)
      })
    return () => asking.abort()
  }, [key, revision, empty, botId, turn, paused])

  const perform = useCallback((action: Action) => changeNow.current((now) => act(now, action)), [])
  return {
    book,
    change,
    perform,
    result: empty ? null : (result?.value ?? null),
    busy,
    error,
    again: () => setTurn((n) => n + 1),
  }
}
