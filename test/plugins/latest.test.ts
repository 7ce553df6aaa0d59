import { expect, test } from '@jest/globals'
import { ofLatest } from '../../plugins/latest.ts'

const long = (letter: string): string => letter.repeat(100_000)

function counted() {
  const made: string[] = []
  const of = ofLatest((text) => {
    made.push(text.slice(0, 1))
    return text.length
  })
  return { made, of }
}

test('two long texts that are asked for in turn are each worked on once', () => {
  const { made, of } = counted()
  for (let time = 0; time < 3; time++) expect([of(long('a')), of(long('b'))]).toEqual([100_000, 100_000])
  expect(made).toEqual(['a', 'b'])
})

test('of three the one that was asked for longest ago is forgotten', () => {
  const { made, of } = counted()
  for (const letter of ['a', 'b', 'a', 'c', 'a', 'b']) of(long(letter))
  expect(made).toEqual(['a', 'b', 'c', 'b'])
})

test('short texts are not kept', () => {
  const { made, of } = counted()
  of('abc')
  of('abc')
  expect(made).toEqual(['a', 'a'])
})
