// Pasting questions: from a spreadsheet, from a text, and the half-written ones.
import { expect, it } from 'vitest'
import { readPairs, wholePairs } from './pairs'

it.each([
  [
    'Open?\t9 to 5\nParking?\tBehind\tthe shop\n\n',
    [
      ['Open?', '9 to 5'],
      ['Parking?', 'Behind the shop'],
    ],
  ],
  ['Q: Open?\nA: 9 to 5\nnot on Sunday\n\nQ: Nothing?', [['Open?', '9 to 5\nnot on Sunday']]],
  ['just words', []],
])('%j', (text, pairs) => {
  expect(readPairs(text).map((pair) => [pair.question, pair.answer])).toEqual(pairs)
})
it('half pairs are counted, empty ones are nothing', () => {
  const pairs = [
    { question: ' a ', answer: 'b' },
    { question: 'c', answer: ' ' },
    { question: '', answer: '' },
  ]
  expect(wholePairs(pairs)).toEqual({ whole: [{ question: 'a', answer: 'b' }], half: 1 })
})
