// Lets a place open the search of the shell, where there are neither keys nor a rail.
const NAME = 'botflow:search'

export const openSearch = () => window.dispatchEvent(new Event(NAME))

/** Gives back what ends the listening. */
export function onSearch(run: () => void): () => void {
  window.addEventListener(NAME, run)
  return () => window.removeEventListener(NAME, run)
}
