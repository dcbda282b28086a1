// What is tried in the simulator: a script of deeds that can be stepped back into, each other way out of it kept as a take.
import type { Action, Simulation } from '../types'

export type Setup = Omit<Simulation, 'actions' | 'flow'>
/** One way that the talk went. */
export type Take = { id: number; actions: Action[] }
/** `at`: how many actions are played; null plays the take to its end. */
export type Book = { setup: Setup; takes: Take[]; take: number; at: number | null }

const MOST_TAKES = 20

export function begin(setup: Setup, actions: Action[] = []): Book {
  return { setup, takes: [{ id: 1, actions }], take: 1, at: null }
}

export function current(book: Book): Take {
  return book.takes.find((take) => take.id === book.take) ?? book.takes[0] ?? { id: 1, actions: [] }
}

/** The actions that are played now. */
export function played(book: Book): Action[] {
  const { actions } = current(book)
  return book.at === null ? actions : actions.slice(0, book.at)
}

export function scriptOf(book: Book, flow: string): Simulation {
  return { flow, ...book.setup, actions: played(book) }
}

/** Where somebody did something; what an effect gave belongs to the deed before it. */
export function turns(actions: Action[]): number[] {
  return actions.flatMap((action, i) => (action.do === 'outcome' ? [] : [i]))
}

function withTake(book: Book, actions: Action[]): Book {
  const id = Math.max(0, ...book.takes.map((take) => take.id)) + 1
  const kept = book.takes.slice(-(MOST_TAKES - 1))
  return { ...book, takes: [...kept, { id, actions }], take: id, at: null }
}

/** Does something. In the past that begins another take; the one that was stays to be returned to. */
export function act(book: Book, action: Action): Book {
  const now = played(book)
  if (book.at !== null && book.at < current(book).actions.length) return withTake(book, [...now, action])
  const id = current(book).id
  return {
    ...book,
    at: null,
    takes: book.takes.map((take) => (take.id === id ? { ...take, actions: [...now, action] } : take)),
  }
}

/** Plays only the first `at` actions. */
export function goTo(book: Book, at: number): Book {
  const { length } = current(book).actions
  const bounded = Math.min(Math.max(0, at), length)
  return { ...book, at: bounded === length ? null : bounded }
}

/** To before the last deed. */
export function back(book: Book): Book {
  const last = turns(played(book)).at(-1)
  return last === undefined ? book : goTo(book, last)
}

/** To after the next deed and what came of it. */
export function forward(book: Book): Book {
  if (book.at === null) return book
  const { actions } = current(book)
  const at = book.at
  const next = turns(actions).find((i) => i > at)
  return goTo(book, next ?? actions.length)
}

export const canGoBack = (book: Book) => turns(played(book)).length > 0
export const canGoForward = (book: Book) => book.at !== null

export function switchTake(book: Book, id: number): Book {
  return book.takes.some((take) => take.id === id) ? { ...book, take: id, at: null } : book
}

/** From the beginning, with what was tried kept beside it. */
export function restart(book: Book): Book {
  return current(book).actions.length === 0 ? { ...book, at: null } : withTake(book, [])
}

/**
 * Takes in what the program recorded while playing `sent`: the outcomes of effects, so that going back and forth does
 * not ask models again. Nothing happens when the script went on meanwhile.
 */
export function record(book: Book, sent: Action[], got: Action[]): Book {
  if (got.length <= sent.length || JSON.stringify(played(book)) !== JSON.stringify(sent)) return book
  const take = current(book)
  const later = book.at === null ? [] : take.actions.slice(book.at)
  const takes = book.takes.map((one) => (one.id === take.id ? { ...one, actions: [...got, ...later] } : one))
  return { ...book, takes, at: book.at === null ? null : got.length }
}

const SENDS = ['say', 'pick', 'send_file', 'send_location']

/** Which message of the customer an action sent, counted from 0; null when it sent none. */
export function nthOf(actions: Action[], index: number): number | null {
  const action = actions[index]
  if (!action || !SENDS.includes(action.do)) return null
  return actions.slice(0, index).filter((earlier) => SENDS.includes(earlier.do)).length
}
