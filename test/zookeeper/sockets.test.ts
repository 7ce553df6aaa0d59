import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from '@jest/globals'
import { Secret } from '../../src/core/secret.ts'
import type { TlsFiles } from '../../src/core/tls.ts'
import { type ListeningEnsemble, listenEnsemble } from '../../src/embedded/zookeeper/listen-ensemble.ts'
import { systemClock } from '../../src/system-clock.ts'
import { openSession } from '../../src/zookeeper/open-session.ts'
import { aLog } from '../support/log.ts'
import { SimulatedEnsemble } from '../support/zookeeper/simulated-ensemble.ts'

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const files = (ca: string, client?: string): TlsFiles => ({
  ca: pem(ca),
  cert: client && pem(`${client}.pem`),
  key: client === undefined ? undefined : new Secret(pem(`${client}.key`)),
})

const closing: (() => Promise<unknown> | undefined)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function servers(certificate: string | undefined): Promise<ListeningEnsemble> {
  const ensemble = new SimulatedEnsemble({ clock: systemClock, servers: 1 })
  const tls = certificate && {
    cert: pem(`${certificate}.pem`),
    key: pem(`${certificate}.key`),
    ca: pem('ca.pem'),
    requestCert: true,
    rejectUnauthorized: true,
  }
  const listening = await listenEnsemble(ensemble, tls === '' ? undefined : tls)
  closing.push(async () => {
    ensemble.close()
    await listening.close()
  })
  return listening
}

/** Resolves with `connected`, or the first reason why it is not. */
async function outcome(at: ListeningEnsemble, tls: TlsFiles | undefined): Promise<{ said: string; log: string }> {
  const logged = aLog()
  const said = new Promise<string>((resolve) => {
    const session = openSession({
      ensemble: { servers: at.servers, path: '/', auth: undefined },
      clock: systemClock,
      random: () => 0.5,
      log: {
        ...logged.log,
        warn: (fields, message) => {
          logged.log.warn(fields, message)
          resolve((fields as { why: string }).why)
        },
      },
      tls,
    })
    session.onState(resolve)
    closing.push(() => session.close())
  })
  return { said: await said, log: logged.text() }
}

test('TLS with an authority of its own and a client certificate', async () => {
  expect((await outcome(await servers('server'), files('ca.pem', 'client'))).said).toBe('connected')
})

test.each([
  ['of another authority', 'server', files('other-ca.pem', 'client'), /not trusted: set ZOOKEEPER_CA_FILE/],
  ['for another host', 'elsewhere', files('ca.pem', 'client'), /certificate is for another name/],
  ['that is over', 'expired', files('ca.pem', 'client'), /expired/],
  [
    'that is good, and no client certificate',
    'server',
    files('ca.pem'),
    /client certificate.*ZOOKEEPER_CLIENT_CERT_FILE/,
  ],
] as const)(
  'a server certificate %s: not connected, with the reason and without the key',
  async (_, name, tls, why) => {
    const { said, log } = await outcome(await servers(name), tls)
    expect(said).toMatch(why)
    expect(log).not.toContain('PRIVATE KEY')
  },
)

test('TCP in clear, and nobody there', async () => {
  const listening = await servers(undefined)
  expect((await outcome(listening, undefined)).said).toBe('connected')
  await closing.pop()?.()
  await closing.pop()?.()
  expect((await outcome(listening, undefined)).said).toMatch(/ECONNREFUSED/)
})
