// The talks that are being tried, one for each flow: they stay while one closes the simulator or looks elsewhere.
import { useSyncExternalStore } from 'react'
import type { Simulation } from '../types'
import { type Book, begin, type Setup } from './script'

const books = new Map<string, Book>()
const listeners = new Set<() => void>()
const MOST_BOOKS = 30

export function firstSetup(now = Date.now()): Setup {
  return {
    // Whole minutes: seconds only make times harder to read.
    start_at: Math.floor(now / 60_000) * 60_000,
    channel: 'webchat',
    contact: { name: 'Sam Example', language: 'en' },
    first_contact: true,
    // As customers would meet it; what may not be asked from here is played by hand.
    live: true,
  }
}

export function bookOf(flow: string): Book {
  let book = books.get(flow)
  if (!book) {
    book = begin(firstSetup())
    books.set(flow, book)
    const oldest = books.keys().next().value
    if (books.size > MOST_BOOKS && oldest !== undefined) books.delete(oldest)
  }
  return book
}

export function changeBook(flow: string, change: (book: Book) => Book) {
  const before = bookOf(flow)
  const after = change(before)
  if (after === before) return
  books.set(flow, after)
  for (const listener of listeners) listener()
}

/** Lays a script, such as that of a test, into the simulator of its flow; what was tried there before is let go. */
export function openScript(flow: string, script: Simulation) {
  const { actions, flow: _, ...setup } = script
  changeBook(flow, () => begin(setup, actions))
}

export function useBook(flow: string): [Book, (change: (book: Book) => Book) => void] {
  const book = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => bookOf(flow),
  )
  return [book, (change) => changeBook(flow, change)]
}
