import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { MesosCredentials } from '../../../src/core/mesos-credentials.ts'
import { Secret } from '../../../src/core/secret.ts'
import { accessBy } from '../../../src/mesos/auth/access.ts'
import { aLog } from '../../support/log.ts'
import { MemoryNetwork } from '../../support/memory-network.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const account = {
  uid: 'ci-account',
  login_endpoint: 'https://iam.test/login',
  private_key: readFileSync('test/fixtures/tls/rsa-pkcs8.key', 'utf8'),
}

const network = new MemoryNetwork()
const options = {
  clock: new VirtualClock(),
  random: () => 1,
  log: aLog().log,
  dispatcher: (origin: string) => network.dispatcher(origin),
  signal: new AbortController().signal,
}

test.each<[string, MesosCredentials, string | undefined]>([
  ['nobody', { kind: 'none', principal: undefined }, undefined],
  ['a name that is only claimed', { kind: 'none', principal: 'ci' }, 'ci'],
  ['HTTP basic', { kind: 'basic', principal: 'ci', secret: new Secret('x') }, 'ci'],
  ['a DC/OS account', { kind: 'dcos', account: new Secret(JSON.stringify(account)) }, 'ci-account'],
])('the framework names who logs in: %s', (_, credentials, principal) => {
  expect(accessBy(credentials, options).principal).toBe(principal)
})

test('an account that is none is refused without showing it', () => {
  expect(() => accessBy({ kind: 'dcos', account: new Secret('{"private_key": "hunter2"}') }, options)).toThrow(
    /^DCOS_SERVICE_ACCOUNT_CREDENTIAL has no uid[^]*(?<!hunter2)$/,
  )
})
