import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { EmbeddedMarathon } from '../../src/embedded/marathon/embedded-marathon.ts'
import { EmbeddedMesos } from '../../src/embedded/mesos/embedded-mesos.ts'
import { ProcessRunner } from '../../src/embedded/mesos/processes/process-runner.ts'
import { systemClock } from '../../src/system-clock.ts'
import { type Command, command } from '../cli/command.ts'
import { listenLater } from '../contracts/systems.ts'

const LOOPBACK = '127.0.0.1'
let folder = ''
let mesos: EmbeddedMesos
let listeners: readonly { readonly close: () => Promise<void> }[] = []
let marathon: EmbeddedMarathon

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-embedded-'))
  const [master, host] = await Promise.all([listenLater(LOOPBACK), listenLater(LOOPBACK)])
  listeners = [master, host]
  mesos = await EmbeddedMesos.start({
    clock: systemClock,
    masterAuthority: `${LOOPBACK}:${master.port}`,
    hosts: [
      {
        hostname: 'host-1',
        authority: `${LOOPBACK}:${host.port}`,
        resources: { cpus: 2, memMib: 2048, diskMib: 10_000, ports: [{ begin: 31_000, end: 32_000 }] },
      },
    ],
    runnerFor: ({ hostname, authority }) =>
      new ProcessRunner({
        clock: systemClock,
        workDir: join(folder, hostname),
        hostIp: LOOPBACK,
        endpoint: authority,
        supervisorPath: resolve('dist/src/embedded/mesos/processes/supervisor.js'),
      }),
  })
  master.serve(mesos.masterHandler)
  host.serve(mesos.hostHandler('host-1'))
  const mesosUrl = `http://${LOOPBACK}:${master.port}`
  marathon = await EmbeddedMarathon.start({ clock: systemClock, mesosUrl, port: 0, chance: () => 0.5 })
})
afterAll(async () => {
  await marathon.close({ killTasks: true })
  await mesos.close({ killTasks: true })
  await Promise.all(listeners.map((each) => each.close()))
  rmSync(folder, { recursive: true, force: true })
})

/** Two programs that do nothing, in the shape of ours. */
const POD = {
  id: '/ci/pair',
  networks: [{ mode: 'host' }],
  scaling: { kind: 'fixed', instances: 1 },
  containers: ['one', 'two'].map((name) => ({
    name,
    exec: { command: { shell: 'exec sleep 1000' } },
    resources: { cpus: 0.1, mem: 32 },
    endpoints: [{ name: `port-${name}`, hostPort: 0, protocol: ['tcp'] }],
    environment: { PLACE: name },
    lifecycle: { killGracePeriodSeconds: 1 },
  })),
  scheduling: {
    backoff: { backoff: 1, backoffFactor: 1, maxLaunchDelay: 1 },
    upgrade: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
    unreachableStrategy: 'disabled',
  },
}
const APP = {
  id: '/ci/alone',
  cmd: 'exec sleep 1000',
  cpus: 0.1,
  mem: 32,
  env: { PLACE: 'app' },
  portDefinitions: [{ name: 'web', port: 0 }],
  upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
  taskKillGracePeriodSeconds: 1,
}

function begin(definition: object, ...args: readonly string[]): Command {
  const file = join(folder, 'definition.json')
  writeFileSync(file, JSON.stringify(definition))
  return command(['deploy', file, ...args], { MARATHON_URL: marathon.url })
}

async function deploy(
  definition: object,
  ...args: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const { exitCode, out, err } = begin(definition, ...args)
  const code = await exitCode
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('a pod is created, left alone, changed, locked, forced and given up, as Marathon and Mesos have it', async () => {
  const looked = await deploy(POD, '--dry-run')
  expect(looked).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was done') })

  const created = await deploy(POD)
  expect(created).toMatchObject({
    code: 0,
    out: expect.stringMatching(/\/ci\/pair runs: 1 stable\.\n {2}port-one {2}\S+:\d+/),
  })

  const again = await deploy(POD)
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('nothing to change') })
  expect(again.err).not.toContain('Deployment')

  const changed = await deploy(
    POD,
    '--set',
    'containers.one.resources.mem=48',
    '--set',
    'containers.two.environment.PLACE=x',
  )
  expect(changed.code).toBe(0)
  expect(changed.out).toContain('~ containers.one.resources.mem: 32 -> 48')
  expect(changed.out).toMatch(/~ containers\.two\.environment\.PLACE\n/)

  // Its check never turns green, so the deployment does not end by itself.
  const [one, two] = POD.containers
  const sick = { ...two, exec: { command: { shell: 'exit 3' } }, healthCheck: { tcp: { endpoint: 'port-two' } } }
  const failing = begin({ ...POD, containers: [one, sick] })
  while (!failing.err.join('\n').includes('two exit code 3')) await systemClock.sleep(50)
  failing.stop()
  expect(await failing.exitCode).toBe(1)
  expect(failing.err.join('\n')).toMatch(/an instance ended: .*two exit code 3/)

  const locked = await deploy(POD)
  expect(locked).toMatchObject({
    code: 1,
    err: expect.stringMatching(/is locked by a deployment that is under way: \S+ \(/),
  })

  const forced = await deploy(POD, '--force')
  expect(forced).toMatchObject({ code: 0, out: expect.stringContaining('/ci/pair runs: 1 stable.') })
}, 60_000)

test('what is refused is told in words, with the path of the file', async () => {
  const { code, err } = await deploy({ ...POD, id: '/ci/secret', secrets: { s: { source: 's' } } })
  expect(code).toBe(1)
  expect(err).toMatch(/- secrets: [\s\S]*This Marathon has no secrets/)
})

test('an app is created, left alone and replaced', async () => {
  const created = await deploy(APP)
  expect(created).toMatchObject({
    code: 0,
    out: expect.stringMatching(/\/ci\/alone runs: 1 running\.\n {2}web {2}\S+:\d+/),
  })
  expect(await deploy(APP)).toMatchObject({ code: 0, out: expect.stringContaining('nothing to change') })
  const { env: _env, ...bare } = APP
  const replaced = await deploy(bare)
  expect(replaced).toMatchObject({ code: 0, out: expect.stringContaining('- env') })
  const wrongKind = await deploy({ ...POD, id: APP.id })
  expect(wrongKind).toMatchObject({
    code: 1,
    err: expect.stringContaining('/ci/alone is an app there and a pod in the file'),
  })
}, 60_000)
