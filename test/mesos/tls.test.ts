import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Secret } from '../../src/core/secret.ts'
import type { TlsFiles } from '../../src/core/tls.ts'
import { JenkinsClient } from '../../src/jenkins/client.ts'
import { none } from '../../src/mesos/auth/authorizer.ts'
import { ownConnection, readText, send } from '../../src/mesos/http.ts'

const pem = (name: string): string => readFileSync(`test/fixtures/tls/${name}`, 'utf8')
const pair = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) })
const files = (given: Partial<Record<keyof TlsFiles, string>>): TlsFiles => ({
  ca: given.ca,
  cert: given.cert,
  key: given.key === undefined ? undefined : new Secret(given.key),
})
const CA = files({ ca: pem('ca.pem') })

let server: Pick<Server, 'close' | 'closeAllConnections' | 'listen' | 'address'> | undefined
afterEach(async () => {
  const open = server
  server = undefined
  if (open === undefined) return
  await new Promise<void>((resolve) => {
    open.close(() => {
      resolve()
    })
    open.closeAllConnections()
  })
})

async function listen(made: NonNullable<typeof server>): Promise<number> {
  server = made
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve)
  })
  return (made.address() as AddressInfo).port
}

async function serve(options: ServerOptions): Promise<string> {
  const port = await listen(
    createServer(options, (_request, response) => {
      response.setHeader('connection', 'close')
      response.end('{}')
    }),
  )
  return `https://127.0.0.1:${port}`
}

/** As the session asks a master. */
async function askMaster(origin: string, tls: TlsFiles | undefined): Promise<string> {
  const dispatcher = ownConnection(tls)(origin)
  const { signal } = new AbortController()
  const call = {
    dispatcher,
    origin,
    method: 'GET',
    path: '/',
    headers: {},
    authorize: none,
    signal,
    what: 'GET',
  } as const
  try {
    return await readText(call, await send(call))
  } finally {
    await dispatcher.destroy()
  }
}

async function askJenkins(origin: string, tls: TlsFiles | undefined): Promise<string> {
  const client = new JenkinsClient({ url: new URL(origin), tls })
  try {
    return (await client.get('')).text
  } finally {
    await client.close()
  }
}

const asks = [
  ['MESOS', askMaster],
  ['JENKINS', askJenkins],
] as const

describe.each(asks)('TLS towards %s', (prefix, ask) => {
  test('an authority of its own is trusted', async () => {
    expect(await ask(await serve(pair('server')), CA)).toBe('{}')
  })

  test('a client certificate is shown where it is asked for', async () => {
    const origin = await serve({ ...pair('server'), ca: pem('ca.pem'), requestCert: true })
    expect(await ask(origin, files({ ca: pem('ca.pem'), ...pair('client') }))).toBe('{}')
  })

  const refusals: readonly [string, ServerOptions, TlsFiles | undefined, string][] = [
    ['an unknown authority', pair('server'), undefined, `set ${prefix}_CA_FILE to the authority`],
    ['another authority', pair('server'), files({ ca: pem('other-ca.pem') }), `set ${prefix}_CA_FILE to the authority`],
    ['a self-signed certificate', pair('self-signed'), undefined, `set ${prefix}_CA_FILE to this certificate`],
    ['an old certificate', pair('expired'), CA, 'has expired'],
    ['a certificate for another name', pair('elsewhere'), CA, 'is for another name'],
    [
      'no client certificate',
      { ...pair('server'), ca: pem('ca.pem'), requestCert: true },
      CA,
      `client certificate: ${prefix}_CLIENT_CERT_FILE and ${prefix}_CLIENT_KEY_FILE`,
    ],
    [
      'no client certificate, with TLS 1.2 as Mesos speaks it',
      { ...pair('server'), ca: pem('ca.pem'), requestCert: true, maxVersion: 'TLSv1.2' },
      CA,
      `client certificate (${prefix}_CLIENT_CERT_FILE and ${prefix}_CLIENT_KEY_FILE)`,
    ],
    [
      'a client certificate that its authority did not sign',
      { ...pair('server'), ca: pem('ca.pem'), requestCert: true },
      files({ ca: pem('ca.pem'), ...pair('self-signed') }),
      `client certificate: ${prefix}_CLIENT_CERT_FILE and ${prefix}_CLIENT_KEY_FILE`,
    ],
  ]
  test.each(refusals)('%s: says what to do', async (_, options, tls, words) => {
    await expect(ask(await serve(options), tls)).rejects.toMatchObject({
      code: `${prefix}_UNREACHABLE`,
      message: expect.stringContaining(words),
    })
  })

  test('https where only http is spoken, and the other way round', async () => {
    const port = await listen(createHttpServer((_request, response) => response.end('{}')))
    await expect(ask(`https://127.0.0.1:${port}`, CA)).rejects.toMatchObject({
      message: expect.stringContaining('does not speak TLS there: use http'),
    })
  })
})
