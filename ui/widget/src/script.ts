// Which script tag is ours, and so where the business listens.

const NAME = /\/widget\.js(?:[?#].*)?$/

export function findScript(current: Element | null, all: Iterable<HTMLScriptElement>): HTMLScriptElement | null {
  if (current instanceof HTMLScriptElement && NAME.test(current.src)) return current
  return [...all].filter((script) => /\/chat\/[^/]+\/widget\.js/.test(script.src)).pop() ?? null
}

/** `https://host/chat/<channel>`. */
export const baseOf = (script: HTMLScriptElement) => script.src.replace(NAME, '')
