// Collects the licences of what the interface ships into public/licences.txt, from the lock file and node_modules.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const PERMISSIVE =
  /^(\(?(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|OFL-1\.1|CC0-1\.0|Unlicense|Zlib|BlueOak-1\.0\.0)( (OR|AND) )?)+\)?$/
const parts = []
for (const [path, entry] of Object.entries(lock.packages).sort()) {
  if (!path || entry.dev || entry.optional || entry.devOptional || !existsSync(join(root, path))) continue
  const name = path.replace(/^.*node_modules\//, '')
  const licence = entry.license ?? 'unknown'
  if (!PERMISSIVE.test(licence)) console.warn(`licences: ${name} is ${licence}`)
  const file = readdirSync(join(root, path)).find((file) => /^licen[cs]e(\.(md|txt))?$/i.test(file))
  const text = file ? readFileSync(join(root, path, file), 'utf8').trim() : ''
  parts.push(`${name} ${entry.version} (${licence})\n\n${text}`.trim())
}
mkdirSync(join(root, 'public'), { recursive: true })
writeFileSync(join(root, 'public/licences.txt'), `${parts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`)
console.log(`licences: ${parts.length} packages`)
