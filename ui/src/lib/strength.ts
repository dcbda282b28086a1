// How hard a password is to guess, roughly: length first, since length is what helps.

export type Strength = 'short' | 'weak' | 'fair' | 'good'
/** What the program takes; the words beside the field ask for more. */
export const SHORTEST_PASSWORD = 8
const EASY = 10

const COMMON = /^(?:password|passw0rd|qwerty|letmein|welcome|admin|botflow|12345|abc123|iloveyou)/i

export function strengthOf(password: string, personal: string[] = []): Strength {
  if (password.length < SHORTEST_PASSWORD) return 'short'
  const lower = password.toLowerCase()
  const names = personal
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((part) => part.length > 3)
  const distinct = new Set(lower).size
  if (password.length < EASY || COMMON.test(password) || distinct < 5 || names.some((name) => lower.startsWith(name)))
    return 'weak'
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length
  if (password.length >= 16 || (password.length >= 12 && kinds >= 3)) return 'good'
  return 'fair'
}
