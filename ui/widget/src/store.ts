// What is kept on the visitor's device, per channel; where a browser forbids it, in memory until the page closes.

export type Store = {
  get<T>(key: string): T | null
  set(key: string, value: unknown): void
}

export function openStore(channel: string): Store {
  const memory = new Map<string, string>()
  const name = (key: string) => `botflow:${channel}:${key}`
  return {
    get<T>(key: string): T | null {
      let text = memory.get(key) ?? null
      try {
        text = localStorage.getItem(name(key)) ?? text
      } catch {
        // Forbidden: memory has it.
      }
      try {
        return text === null ? null : (JSON.parse(text) as T)
      } catch {
        return null
      }
    },
    set(key, value) {
      const text = JSON.stringify(value)
      memory.set(key, text)
      try {
        if (value === null) localStorage.removeItem(name(key))
        else localStorage.setItem(name(key), text)
      } catch {
        // Full or forbidden: memory has it.
      }
    },
  }
}

/** 32 letters and digits; works on pages without HTTPS too. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}
