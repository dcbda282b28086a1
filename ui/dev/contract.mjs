// Types from the program's contract: `npm run api` writes src/api/schema.ts out of ../docs/openapi.json, always the same.
import { readFileSync, writeFileSync } from 'node:fs'
import openapi, { astToString, COMMENT_HEADER } from 'openapi-typescript'

const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))
const types = astToString(
  await openapi(document, { alphabetize: true, defaultNonNullable: false, emptyObjectsUnknown: true }),
)
writeFileSync(new URL('../src/api/schema.ts', import.meta.url), COMMENT_HEADER + types)
