import { describe, expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'
import { redact } from '../../src/core/secret.ts'

const A = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const B = 'bbbbbbbbbbbbbbbbbbbbbbbb'

function read(token: string) {
  const reading = readConfig({ API_TOKEN: token }, () => '')
  const tokens = reading.ok
    ? reading.config.http.tokens.map(({ name, scope, secret }) => [name, scope, secret.reveal()])
    : []
  return { reading, tokens, mistakes: reading.ok ? [] : reading.mistakes, warnings: reading.warnings }
}

describe('API_TOKEN holds', () => {
  test.each<[string, string, readonly (readonly [string, string, string])[]]>([
    ['one token that may do everything', A, [['token', 'act', A]]],
    ['one with colons in it', '11:22:eeeeeeeeeeeeeeee', [['token', 'act', '11:22:eeeeeeeeeeeeeeee']]],
    ['one with a name and a scope', `prometheus:metrics:${A}`, [['prometheus', 'metrics', A]]],
    [
      'several, a line each',
      `prometheus:metrics:${A}\r\n  ops.team:act:${B}\n`,
      [
        ['prometheus', 'metrics', A],
        ['ops.team', 'act', B],
      ],
    ],
    ['one with colons behind its name and scope', `ci:read:${A}:x:y`, [['ci', 'read', `${A}:x:y`]]],
  ])('%s', (_what, text, expected) => {
    expect(read(text).tokens).toEqual(expected)
  })

  test('no token as long as it is empty', () => {
    expect(read('  ').tokens).toEqual([])
  })
})

describe('a mistake says which entry and what to do, and nothing that stands there:', () => {
  test.each<[string, string, RegExp]>([
    ['a second one without a name', `ci:read:${A} ${B}`, /^API_TOKEN: entry 2 of 2 must be NAME:SCOPE:TOKEN/],
    ['a scope that is left out', `ci:${A} ops:act:${B}`, /entry 1 of 2 must be NAME:SCOPE:TOKEN/],
    ['an unknown scope', `ci:write:${A}`, /^API_TOKEN has an unknown scope: it must be metrics, read or act/],
    ['a scope in capitals', `ci:READ:${A} ops:act:${B}`, /entry 1 of 2 has an unknown scope/],
    ['the same name twice', `ci:read:${A} ci:act:${B}`, /entry 2 of 2 has the name of an earlier one/],
    ['the same token twice', `ci:read:${A} ops:act:${A}`, /entry 2 of 2 has the token of an earlier one/],
    ['a letter that no token has', `ci:read:${A}ü`, /holds a character that no token has/],
    ['a name that begins with a dash', `-ci:read:${A} ops:act:${B}`, /entry 1 of 2 must be NAME/],
    ['no token behind the scope', `ci:read: ops:act:${B}`, /entry 1 of 2 must be NAME/],
  ])('%s', (_what, text, words) => {
    const { mistakes, reading } = read(text)
    expect(mistakes).toEqual([expect.stringMatching(words)])
    expect(JSON.stringify(reading)).not.toMatch(new RegExp(`${A}|${B}`))
  })

  test('a token that can be guessed is a warning', () => {
    expect(read('short').warnings).toContainEqual(expect.stringMatching(/^API_TOKEN can be guessed: .*openssl rand/))
    expect(read(A).warnings).toEqual([])
  })
})

test('invariant 10: each of several tokens is taken out of text, alone and all of them together', () => {
  const { reading } = read(`prometheus:metrics:${A} ops:act:${B}`)
  expect(redact(`Bearer ${A}, Bearer ${B}`)).toBe('Bearer [secret], Bearer [secret]')
  expect(reading.ok).toBe(true)
})

describe('the listener', () => {
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'without a token, on all addresses',
      { HTTP_HOST: '0.0.0.0' },
      /all that they get is health and a page without data, no \/metrics/,
    ],
    [
      'without a token, behind a proxy',
      { PUBLIC_URL: 'https://ci.example.com/x' },
      /^API_TOKEN is not given although PUBLIC_URL is/,
    ],
  ])('%s is warned of', (_what, variables, words) => {
    expect(readConfig(variables, () => '').warnings).toEqual([expect.stringMatching(words)])
  })

  test('PUBLIC_URL must be an address', () => {
    const reading = readConfig({ PUBLIC_URL: 'ci.example.com', API_TOKEN: A }, () => '')
    expect(reading.ok ? [] : reading.mistakes).toEqual([
      'PUBLIC_URL must be an address that begins with http:// or https://.',
    ])
  })
})
