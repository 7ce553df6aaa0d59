import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { Secret } from '../../src/core/secret.ts'

const secret = new Secret('hunter2')

test.each<[string, () => string]>([
  ['as text', () => String(secret)],
  ['in a text', () => secret.toString()],
  ['joined', () => [secret].join()],
  ['as JSON', () => JSON.stringify({ secret })],
  ['inspected', () => inspect({ deep: { secret } }, { showHidden: true })],
  ['copied', () => JSON.stringify(Object.assign({}, secret))],
  ['its own fields', () => JSON.stringify(Object.getOwnPropertyNames(secret))],
])('invariant 10: a secret does not show: %s', (_, print) => {
  expect(print()).not.toContain('hunter2')
})

test('shows [secret] and gives its value when asked', () => {
  expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual(['[secret]', '"[secret]"', '[secret]'])
  expect(secret.reveal()).toBe('hunter2')
})
