import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { redact, Secret } from '../../src/core/secret.ts'
import { formsOf } from '../../src/core/secret-forms.ts'

/** Held here, as the program holds those of its configuration. */
const held = [new Secret('pass"word\\1234'), new Secret('zoo:keeper-p@ss/word')]

describe('invariant 10: text that leaves the program', () => {
  const cases: readonly [string, string, string][] = [
    ['as it is', 'refused: pass"word\\1234!', 'refused: [secret]!'],
    ['in JSON', JSON.stringify({ why: 'pass"word\\1234' }), '{"why":"[secret]"}'],
    ['in an address', `http://x/?token=${encodeURIComponent('pass"word\\1234')}`, 'http://x/?token=[secret]'],
    ['in base64', `Basic ${Buffer.from('zoo:keeper-p@ss/word').toString('base64')}`, 'Basic [secret]'],
    ['without its user', 'auth keeper-p@ss/word failed', 'auth [secret] failed'],
    [
      'of a stranger, in an address',
      'GET http://me:mine@host/x and zk://a:b@h',
      'GET http://[secret]@host/x and zk://[secret]@h',
    ],
    ['a key of anybody', 'k=-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----.', 'k=[secret].'],
    ['half a key', '-----BEGIN PRIVATE KEY-----\nMIIE', '[secret]'],
    [
      'none',
      'agent online at http://host:8080/ by someone@example.com',
      'agent online at http://host:8080/ by someone@example.com',
    ],
  ]
  test.each(cases)('a secret %s does not show', (_, text, expected) => {
    expect(held).toHaveLength(2)
    expect(redact(text)).toBe(expected)
  })

  test('whatever the secret is', () => {
    const sign = fc.constantFrom('a', 'B', '7', '+', '/', '=', ':', '@', '"', '\\', '\n', ' ', 'é', '$', '&')
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 60, unit: sign }), fc.string(), (value, around) => {
        const secret = new Secret(value)
        for (const text of [value, JSON.stringify(value), encodeURIComponent(value)]) {
          const shown = redact(`${around}${text}${around}`)
          expect(shown).not.toContain(value)
          expect(shown).not.toContain(JSON.stringify(value).slice(1, -1))
        }
        expect(secret.reveal()).toBe(value)
      }),
    )
  })

  test('base64 is that of Node', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }), (text) => {
        expect(formsOf(text)).toContain(Buffer.from(text).toString('base64'))
      }),
    )
  })

  test('a short secret is not looked for: it would be found in every second word', () => {
    const short = new Secret('jenkins')
    expect(redact(`the ${short.reveal()} framework`)).toBe('the jenkins framework')
  })
})
