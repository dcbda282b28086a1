// The messages of a visit, each once: what the program keeps, and what still waits to be sent.
import type { Outgoing, WebMessage } from './types'

export type Pending = Outgoing & { state: 'waiting' | 'sent' | 'refused'; why?: string }

export class Thread {
  private readonly known = new Map<string, WebMessage>()
  private waiting: Pending[] = []

  /** Whether it was new. */
  add(message: WebMessage): boolean {
    const mine = message.client_id
    if (mine) this.waiting = this.waiting.filter((pending) => pending.client_id !== mine)
    if (this.known.has(message.id)) return false
    this.known.set(message.id, message)
    return true
  }

  /** Words that were kept already are not sent twice. */
  queue(pending: Pending): boolean {
    const there =
      this.waiting.some((other) => other.client_id === pending.client_id) ||
      this.messages().some((message) => message.client_id === pending.client_id)
    if (!there) this.waiting.push(pending)
    return !there
  }

  mark(client_id: string, state: Pending['state'], why?: string) {
    for (const pending of this.waiting) {
      if (pending.client_id !== client_id) continue
      pending.state = state
      if (why) pending.why = why
      else delete pending.why
    }
  }

  messages(): WebMessage[] {
    return [...this.known.values()].sort((a, b) => a.cursor - b.cursor)
  }

  pending(): readonly Pending[] {
    return this.waiting
  }

  cursor(): number {
    return this.messages().reduce((most, message) => Math.max(most, message.cursor), 0)
  }

  unread(seen: number): number {
    return this.messages().filter((message) => message.direction === 'out' && message.cursor > seen).length
  }
}
