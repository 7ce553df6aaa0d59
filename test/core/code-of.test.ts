import { describe, expect, test } from '@jest/globals'
import { codeOf, messageOf } from '../../src/core/code-of.ts'
import { isComing } from '../../src/core/lifecycle.ts'
import { never } from '../../src/core/never.ts'

describe('anything may be thrown', () => {
  test.each<[unknown, string | undefined, string]>([
    [Object.assign(new Error('gone'), { code: 'ENOENT' }), 'ENOENT', 'gone'],
    [new Error('plain'), undefined, 'plain'],
    [{ code: 7, message: 8 }, undefined, '[object Object]'],
    ['text', undefined, 'text'],
    [null, undefined, 'null'],
    [undefined, undefined, 'undefined'],
  ])('%p', (thrown, code, message) => {
    expect([codeOf(thrown), messageOf(thrown)]).toEqual([code, message])
  })
})

test('a case that cannot be says what it is, should it be all the same', () => {
  expect(() => never({ kind: 'new' } as never)).toThrow('not handled: {"kind":"new"}')
})

test('only planned and starting agents are on their way', () => {
  expect((['planned', 'starting', 'online', 'gone'] as const).map(isComing)).toEqual([true, true, false, false])
})
