// Keeps the house rules that no linter knows: imports run shared -> features -> app, styles work right to left, files stay small.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const src = resolve(dirname(fileURLToPath(import.meta.url)), '../src')
const problems = []

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)],
  )
}

/** The layer of a path inside src: 0 shared, 1 features, 2 app; and the feature's name. */
function place(path) {
  const [top, second] = relative(src, path).split(sep)
  if (top === 'features') return { layer: 1, feature: second }
  if (top === 'app' || top.startsWith('main.')) return { layer: 2 }
  return { layer: 0 }
}

const physical =
  /(^|[\s;{])((margin|padding|border)-(left|right)(-[a-z]+)?|left|right|float|border-(top|bottom)-(left|right)-radius)\s*:|text-align\s*:\s*(left|right)/

for (const path of files(src)) {
  const name = relative(src, path)
  const text = readFileSync(path, 'utf8')
  if (/\.tsx?$/.test(path)) {
    const here = place(path)
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)) {
      if (!target.startsWith('.') && !target.startsWith('@/')) continue
      const there = place(target.startsWith('@/') ? join(src, target.slice(2)) : resolve(dirname(path), target))
      if (there.layer > here.layer) problems.push(`${name}: imports ${target}, which lies above it`)
      if (there.layer === 1 && here.layer === 1 && there.feature !== here.feature)
        problems.push(`${name}: imports ${target} of another feature; move what is shared to components or api`)
    }
    const lines = text.split('\n').length
    if (name.endsWith('.tsx') && !name.includes('.test.') && lines > 260)
      problems.push(`${name}: ${lines} lines; components stay under 250`)
  }
  if (path.endsWith('.css')) {
    text.split('\n').forEach((line, i) => {
      if (physical.test(line)) problems.push(`${name}:${i + 1}: use a logical property instead of "${line.trim()}"`)
    })
  }
}

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
