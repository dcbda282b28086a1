// Every key that the code asks for has its words: a missing one would show as a key to the owner.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { directionOf, i18next } from './index'

const src = join(process.cwd(), 'src')

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)],
  )
}

/** Only whole keys; those put together at run time end in a template and are checked by their beginning. */
function keysOf(text: string): string[] {
  const spaces = [...text.matchAll(/useTranslation\('([a-z]+)'\)/g)].map((match) => match[1])
  const namespace = new Set(spaces).size === 1 ? spaces[0] : spaces.length === 0 ? 'common' : null
  const plain = /useTranslation\(\)/.test(text)
  return [...text.matchAll(/(?<![\w.])t\(\s*'([^']+)'/g)].flatMap(([, key]) => {
    if (!key) return []
    if (key.includes(':')) return [key]
    return namespace && !(plain && spaces.length > 0) ? [`${namespace}:${key}`] : []
  })
}

const has = (key: string) => i18next.exists(key) || i18next.exists(key, { count: 2 })

describe('words', () => {
  const code = files(src).filter((path) => /\.tsx?$/.test(path) && !path.includes('.test.'))
  it.each(code.map((path) => [path.slice(src.length + 1), path] as const))('%s', (_name, path) => {
    const missing = keysOf(readFileSync(path, 'utf8')).filter((key) => !has(key))
    expect(missing).toEqual([])
  })
})

describe('direction', () => {
  it.each([
    ['en', 'ltr'],
    ['ar', 'rtl'],
    ['ur-PK', 'rtl'],
    ['he', 'rtl'],
    ['sw', 'ltr'],
  ])('%s reads %s', (language, direction) => expect(directionOf(language)).toBe(direction))
})
