import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Clock } from '../../src/core/clock.ts'
import { basicAuthenticator } from '../../src/embedded/mesos/authentication.ts'
import { EmbeddedIam } from '../../src/embedded/mesos/iam.ts'
import type { Farm } from '../support/farm.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const SECRET = 'hunter2-hunter2'

describe('a cluster that wants a login', () => {
  test('HTTP basic: builds run', async () => {
    const frameworks = basicAuthenticator({ ci: SECRET })
    const farm = await start({
      mesos: { authentication: { frameworks }, hostAuthentication: { readonly: frameworks } },
      environment: { MESOS_PRINCIPAL: 'ci', MESOS_SECRET: SECRET },
    })
    farm.job('job', 20_000)
    await farm.allSucceed(120_000)
    await farm.empty(120_000)
  })

  test('a wrong secret: nothing is done, and the page says which variable to look at', async () => {
    const farm = await start({
      mesos: { authentication: { frameworks: basicAuthenticator({ ci: SECRET }) } },
      environment: { MESOS_PRINCIPAL: 'ci', MESOS_SECRET: 'another-secret' },
    })
    farm.job('job', 20_000)
    await farm.advance(60_000)
    expect(farm.launched).toEqual([])
    const ready = await farm.life.ask('/health/ready')
    expect(ready.statusCode).toBe(503)
    expect(ready.body).toContain('check MESOS_PRINCIPAL and MESOS_SECRET')
    expect(ready.body).not.toContain('another-secret')
  })

  test('a DC/OS account: builds run over tokens that end, and over one that is taken back', async () => {
    const key = readFileSync('test/fixtures/tls/rsa-pkcs1.key', 'utf8')
    const begun: Farm[] = []
    const clock = { now: () => begun[0]?.clock.now() ?? 0 } as Clock
    const accounts = { 'ci-account': createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString() }
    const iam = new EmbeddedIam({ clock, accounts, tokenSeconds: 300 })
    const account = { uid: 'ci-account', login_endpoint: 'https://iam.test/acs/api/v1/auth/login', private_key: key }
    const farm = await start({
      mesos: { authentication: { frameworks: iam }, hostAuthentication: { readonly: iam } },
      servers: { 'https://iam.test': iam.handler },
      environment: { DCOS_SERVICE_ACCOUNT_CREDENTIAL: JSON.stringify(account) },
    })
    begun.push(farm)
    farm.job('first', 400_000)
    await farm.allSucceed(900_000)
    await farm.empty(300_000)
    const before = iam.logins
    expect(before).toBeGreaterThan(1)
    iam.revoke()
    farm.job('second', 20_000)
    await farm.allSucceed(120_000)
    expect(iam.logins).toBeGreaterThan(before)
    await farm.empty(120_000)
  })
})
