// Finds its own script tag and starts the chat; whatever goes wrong here never reaches the page around it.
import { startChat } from './chat'
import { baseOf, findScript } from './script'

type Door = { open(): void; close(): void; toggle(): void }
declare global {
  interface Window {
    /** The one name we take: lets a page open the chat from a button of its own. */
    BotFlowChat?: Door
  }
}

function begin() {
  const script = findScript(document.currentScript, document.scripts)
  // Two tags, or a page that runs its scripts twice, give one chat.
  if (!script || window.BotFlowChat) return
  const base = baseOf(script)
  let show: ((open?: boolean) => void) | null = null
  window.BotFlowChat = { open: () => show?.(true), close: () => show?.(false), toggle: () => show?.() }
  startChat(base, {
    page: script.dataset.open === 'page',
    language: script.dataset.language ?? null,
    rtl: script.dir === 'rtl',
  }).then(
    (view) => {
      show = view?.toggle ?? null
      if (script.dataset.open === 'true') show?.(true)
    },
    () => {},
  )
}

try {
  begin()
} catch {
  // An old browser: the page works, only without a chat.
}
