// Web origins as people type them, one per line.

export function splitOrigins(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((line) => line.trim().replace(/\/+$/, ''))
    .filter(Boolean)
}

/** The first that is no origin (`https://host[:port]`, also with `*.` in front of the host), or null. */
export function badOrigin(list: string[]): string | null {
  return list.find((origin) => !/^https?:\/\/(\*\.)?[^\s/?#*]+$/i.test(origin)) ?? null
}
