// Files that people choose may hold anything; pictures must be whole and never break on what a step says.
import { expect, it } from 'vitest'
import { drawSvg, lines } from '../canvas/picture'
import type { Flow } from '../types'
import { fileName, readExport } from './files'

it.each([
  ['{"format":2,"settings":{},"flows":[{"name":"Main","steps":[]}]}', 'Main'],
  ['{"format":1,"name":"Old","steps":[],"edges":[]}', 'Old'],
  ['{"steps":[]}', ''],
])('%s is taken as %s', (text, name) => expect(readExport(text)?.name).toBe(name))
it.each(['', 'x', '5', 'null', '[]', '{"flows":[]}', '{"name":"x"}'])('%s is no flow', (text) =>
  expect(readExport(text)).toBeNull(),
)
it('names of files hold nothing that a computer refuses', () => {
  expect(fileName('Prices: a/b "2026"?', 'json')).toBe('Prices ab 2026.json')
  expect(fileName('///', 'svg')).toBe('flow.svg')
})
it.each([
  ['one two three', 7, 2, ['one two', 'three']],
  ['abcdefghij', 4, 5, ['abcd', 'efgh', 'ij']],
  ['a b c d e f', 3, 2, ['a b', 'c …']],
  ['', 5, 2, []],
])('%s in lines of %i', (text, letters, most, wanted) => expect(lines(text, letters, most)).toEqual(wanted))
it('a picture escapes what steps say', () => {
  const flow: Flow = {
    id: 'f',
    name: 'A & B',
    inputs: [],
    outputs: [],
    groups: [{ id: 'g', title: '<group>' }],
    edges: [{ from: 'a', branch: 'next', to: 'gone' }],
    steps: [{ id: 'a', kind: 'text', position: { x: 0, y: 0 }, fields: {}, group: 'g' }],
  }
  const words = { titleOf: () => '<script>', faceOf: () => '"x" & y', wayTitle: () => '' }
  const colors = {
    paper: '',
    surface: '',
    ink: '',
    muted: '',
    line: '',
    edge: '',
    accent: '',
    accentSoft: '',
    mark: '',
  }
  const svg = drawSvg(flow, new Map(), words, colors)
  expect(new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('parsererror')).toBeNull()
  expect(svg).not.toContain('<script>')
})
