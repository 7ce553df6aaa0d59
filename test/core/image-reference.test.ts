import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isImageReference } from '../../src/core/image-reference.ts'

const DIGEST = `sha256:${'a1'.repeat(32)}`

test.each([
  'alpine',
  'alpine:3.19',
  'jenkins/inbound-agent:latest-jdk21',
  'reg.test/team/tool',
  'reg.test:5000/team/tool:1.2_3-x',
  'localhost/tool',
  'REG.test:443/a/b/c:V1',
  'a__b/c-d--e/f.g',
  `alpine@${DIGEST}`,
  `reg.test:5000/tool:1@${DIGEST}`,
  `a:${'t'.repeat(128)}`,
])('%s names an image', (text) => {
  expect(isImageReference(text)).toBe(true)
})

test.each([
  '',
  ' ',
  'alpine ',
  'alpine:',
  ':3',
  'alpine:3:4',
  'Alpine',
  'a//b',
  '/a',
  'a/',
  '../a',
  'a/../b',
  'a._b',
  '-a',
  '--privileged',
  '-v/:/host',
  'alpine:-x',
  'alpine:.x',
  'alpine;id',
  'alpine$(id)',
  'alpine`id`',
  'alpine|cat',
  'alpine&&id',
  'alpine\n--privileged',
  'alpine\n',
  'alpine\u0000',
  'alpine "x"',
  "alpine'x'",
  'alpine?x=1',
  'alpine#x',
  'http://reg.test/a',
  'reg.test:port/a',
  'reg.test:123456/a',
  '-reg.test/a',
  '[::1]:5000/a',
  'alpine@sha256:abc',
  `alpine@md5:${'a'.repeat(64)}`,
  `alpine@${DIGEST}@${DIGEST}`,
  `alpine@${DIGEST.toUpperCase()}`,
  'a'.repeat(64),
  'a'.repeat(256),
  `a:${'t'.repeat(129)}`,
  'аlpine',
  'a+b',
])('%j names none', (text) => {
  expect(isImageReference(text)).toBe(false)
})

test('whatever is taken has nothing in it that means anything to a shell or a list', () => {
  const pieces = fc.constantFrom(
    'a',
    'B',
    '0',
    '.',
    '_',
    '-',
    '/',
    ':',
    '@',
    ' ',
    '$',
    ';',
    '\n',
    '"',
    "'",
    '\\',
    ',',
    '=',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (found) => {
      const text = found.join('')
      if (isImageReference(text)) expect(text).toMatch(/^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/)
    }),
    { numRuns: 5_000 },
  )
})

test.each(['a', 'a.', 'a-', '_a', 'a/', 'A.', ':a'])('answers a long text of %j at once', (piece) => {
  expect(isImageReference(`${piece.repeat(100_000)}!`)).toBe(false)
  expect(isImageReference(`${piece.repeat(120)}!`)).toBe(false)
})
