// Waiting for what has no event: asks again until there is an answer.
const PAUSE_MS = 50

/** The first truthy answer of `ask`; fails after `patience` milliseconds, saying what did not happen. */
export async function until(what, ask, patience = 30_000) {
  const end = Date.now() + patience
  for (;;) {
    const found = await ask()
    if (found) return found
    if (Date.now() > end) throw new Error(`This did not happen within ${patience / 1000} s: ${what}`)
    await new Promise((next) => setTimeout(next, PAUSE_MS))
  }
}
