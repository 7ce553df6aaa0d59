import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { checkZooKeeper, mesosResults } from '../../src/cli/check-mesos.ts'
import type { MesosLook } from '../../src/cli/look.ts'
import type { Config } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { aLog } from '../support/log.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { SimulatedEnsemble } from '../support/zookeeper/simulated-ensemble.ts'
import { command, freePort } from './command.ts'

function configOf(variables: Readonly<Record<string, string>>): Config {
  const reading = readConfig(
    { MESOS_MASTER: 'http://m1:5050', MESOS_USER: 'ci', SIDECAR_URL: 'http://h', ...variables },
    () => '',
  )
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config
}

const LOOK: MesosLook = {
  subscribed: true,
  why: undefined,
  master: 'http://m1:5050',
  version: '1.11.0',
  frameworkId: undefined,
  principal: 'ci',
  usage: 'h1 tells it',
  offers: [],
}
const refused = (why: string): MesosLook => ({ ...LOOK, subscribed: false, why, usage: undefined })
const basic = { MESOS_PRINCIPAL: 'ci', MESOS_SECRET: 'x' }

describe('what check says of Mesos', () => {
  test('all is well', () => {
    expect(mesosResults(configOf(basic), LOOK)).toEqual([
      { ok: true, what: 'Mesos: log in', detail: 'as principal ci, HTTP basic' },
      { ok: true, what: 'Mesos: TLS', detail: 'http: nothing is encrypted' },
      { ok: true, what: 'Mesos: subscribe', detail: 'http://m1:5050, Mesos 1.11.0' },
      { ok: true, what: 'Mesos: CPU and memory use', detail: 'h1 tells it' },
    ])
  })

  const refusals: readonly [string, RegExp][] = [
    ["Roles { ci } are not present in the master's --roles", /: set MESOS_ROLES to roles that this cluster has$/],
    ["Authenticated principal 'a' does not match principal 'b' set in `FrameworkInfo`", /: MESOS_PRINCIPAL must be/],
    ["User 'root' is not allowed to run frameworks without --root_submissions set", /: set MESOS_USER to another/],
    ['no answer: connect ECONNREFUSED', /^no answer: connect ECONNREFUSED$/],
  ]
  test.each(refusals)('%s', (why, expected) => {
    const results = mesosResults(configOf(basic), refused(why))
    expect(results.filter(({ ok }) => !ok)).toEqual([
      { ok: false, what: 'Mesos: subscribe', detail: expect.stringMatching(expected) },
    ])
    expect(results[0]?.detail).toBe('as principal ci, HTTP basic, not tried yet')
  })

  test('a login that is refused', () => {
    const results = mesosResults(configOf(basic), refused('SUBSCRIBE: 401 (check MESOS_PRINCIPAL and MESOS_SECRET)'))
    expect(results.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual(['Mesos: log in', 'Mesos: subscribe'])
  })
})

describe('what check says of ZooKeeper', () => {
  const clock = new VirtualClock()
  let ensemble: SimulatedEnsemble
  afterEach(() => {
    ensemble.close()
  })
  const look = async (name: string, path: string): Promise<object> => {
    ensemble = new SimulatedEnsemble({ clock, servers: 1 })
    const { log } = aLog()
    const options = { clock, log, tls: undefined, connect: ensemble.connect() }
    const result = checkZooKeeper(name, ensemble.at(path), options)
    await clock.advance(20_000)
    return await result
  }

  test.each([
    ['MESOS_MASTER', '/', true, /connected without a login, the path is there$/],
    ['MESOS_MASTER', '/mesos', false, /the path is missing: is it that of your masters\?$/],
    ['STATE_URL', '/sidecar', true, /the path is made at the first start$/],
  ])('%s at %s', async (name, path, ok, detail) => {
    expect(await look(name, path)).toEqual({ ok, what: `ZooKeeper: ${name}`, detail: expect.stringMatching(detail) })
  })
})

test('invariant 10: a check that is refused names the variables and shows no secret', async () => {
  const server = createServer((request, response) => {
    response.statusCode = 401
    response.end(`401 Unauthorized: ${request.headers.authorization ?? ''}`)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const folder = mkdtempSync(join(tmpdir(), 'sidecar-check-'))
  const { exitCode, out, err } = command(['check'], {
    MESOS_MASTER: `http://127.0.0.1:${port}`,
    MESOS_USER: 'ci',
    MESOS_PRINCIPAL: 'ci',
    MESOS_SECRET: 'hunter2-hunter2',
    SIDECAR_URL: `http://127.0.0.1:${await freePort()}`,
    STATE_URL: `file:${folder}`,
  })
  const code = await exitCode
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
  const text = [...out, ...err].join('\n')
  expect(text).toContain('check MESOS_PRINCIPAL and MESOS_SECRET')
  expect(text).not.toContain('hunter2')
  expect(text).not.toContain(Buffer.from('ci:hunter2-hunter2').toString('base64'))
  expect(code).toBe(1)
})
