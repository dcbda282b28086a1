// What the line for a website says about where the chat lives.

/** The chat's own page, from the script's address in the line; null when the line is of another shape. */
export function hostedPage(embedCode: string): string | null {
  const source = /src=["']([^"']+?)\/widget\.js/.exec(embedCode)?.[1]
  if (!source) return null
  try {
    return new URL(source).href
  } catch {
    return null
  }
}

/** Whether only this computer or its own network can open the address. */
export function isLocal(address: string): boolean {
  try {
    const host = new URL(address).hostname
    return /^(localhost|127\.|10\.\d|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[)|\.local$/.test(host)
  } catch {
    return false
  }
}
