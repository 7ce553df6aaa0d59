import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'
import { redact } from '../../src/core/secret.ts'

const NOW = Date.parse('2026-06-01T00:00:00Z')
const CERT = 'HTTP_TLS_CERT_FILE'
const KEY = 'HTTP_TLS_KEY_FILE'

function read(cert: string | undefined, key: string | undefined) {
  const variables = { ...(cert !== undefined && { [CERT]: cert }), ...(key !== undefined && { [KEY]: key }) }
  return readConfig(variables, (name) => readFileSync(`test/fixtures/tls/${name}`, 'utf8'), NOW)
}

test('a certificate and its key are read, and watched', () => {
  const reading = read('server.pem', 'server.key')
  expect(reading).toMatchObject({ ok: true, warnings: [], files: ['server.pem', 'server.key'] })
  expect(reading.ok && reading.config.http.tls?.cert).toContain('BEGIN CERTIFICATE')
})

test('without either there is no TLS', () => {
  const reading = read(undefined, undefined)
  expect(reading.ok && reading.config.http.tls).toBeUndefined()
})

test('one that expired is used, with a warning: nobody would reach the page to see it', () => {
  const reading = read('expired.pem', 'expired.key')
  expect(reading).toMatchObject({
    ok: true,
    warnings: [expect.stringMatching(/^HTTP_TLS_CERT_FILE: .* expired on 2021/)],
  })
})

test.each<[string, string | undefined, string | undefined, RegExp]>([
  ['a certificate without a key', 'server.pem', undefined, /^HTTP_TLS_KEY_FILE is missing/],
  ['a key without a certificate', undefined, 'server.key', /^HTTP_TLS_CERT_FILE is missing/],
  ['a key of another certificate', 'server.pem', 'client.key', /^HTTP_TLS_KEY_FILE does not belong to the certificate/],
  ['a key with a passphrase', 'server.pem', 'encrypted.key', /protected by a passphrase/],
  ['the two mixed up', 'server.key', 'server.pem', /^HTTP_TLS_CERT_FILE holds a private key/],
  ['a file that is not there', 'none.pem', 'server.key', /^HTTP_TLS_CERT_FILE cannot be read: ENOENT/],
])('%s is a mistake', (_what, cert, key, words) => {
  const reading = read(cert, key)
  expect(reading.ok ? [] : reading.mistakes).toContainEqual(expect.stringMatching(words))
  expect(JSON.stringify(reading)).not.toMatch(/[A-Za-z0-9+/]{60}/)
  // What hides secrets leaves them as they are.
  expect(reading.ok ? [] : reading.mistakes.map((mistake) => redact(mistake))).toEqual(
    reading.ok ? [] : reading.mistakes,
  )
})

test('a pair that does not belong together is one mistake, and not one more in the words of OpenSSL', () => {
  const reading = read('server.pem', 'client.key')
  expect(reading.ok ? [] : reading.mistakes).toHaveLength(1)
})
