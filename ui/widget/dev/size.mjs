// Refuses a chat that would slow down somebody's web site: 30 KB before compression.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT_BYTES = 30 * 1024
const file = new URL('../dist/widget.js', import.meta.url)
const bytes = readFileSync(file)
console.log(`widget.js: ${bytes.length} bytes, ${gzipSync(bytes).length} compressed (at most ${LIMIT_BYTES})`)
if (bytes.length > LIMIT_BYTES) process.exit(1)
