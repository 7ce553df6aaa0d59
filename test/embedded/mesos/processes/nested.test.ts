import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { ReceivedHealthCheck } from '../../../../src/embedded/mesos/received.ts'
import type { RunnableTask } from '../../../../src/embedded/mesos/runner.ts'
import type { WireContainer } from '../../../../src/mesos/protocol.ts'
import { Cleanup, fileWritten, launch, makeBench, makeFolder, makeTask } from './harness.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const parent = { executorId: 'instance-1', containerId: 'group-container' }
const executor = 'slaves/master-S0/frameworks/framework-0000/executors/instance-1/runs/group-container'

function nested(
  command: string,
  volumes: WireContainer['volumes'] = [],
  more: Partial<RunnableTask> = {},
): RunnableTask {
  return makeTask(command, { container: { type: 'MESOS', volumes } }, { parent, ...more })
}

function sandboxOf(workDir: string, task: RunnableTask): string {
  return join(workDir, executor, 'containers', task.containerId)
}

const shared = {
  mode: 'RW',
  container_path: 'state',
  source: { type: 'SANDBOX_PATH', sandbox_path: { type: 'PARENT', path: 'volumes/state' } },
} as const

describe('containers of one group', () => {
  test('have sandboxes of their own in that of their executor, and see the same volumes', async () => {
    const bench = makeBench(cleanup)
    const folder = makeFolder(cleanup)
    writeFileSync(join(folder, 'home'), 'of the host')
    const writer = nested('env > env; mv env state/; sleep 300', [shared])
    const reader = nested(
      'while [ ! -s state/env ]; do sleep 0.05; done; cat state/env jobs/home > new; mv new out; sleep 300',
      [shared, { mode: 'RW', container_path: 'jobs', host_path: folder }],
    )
    const heard = [launch(bench, writer), launch(bench, reader)]
    const sandbox = sandboxOf(bench.workDir, writer)
    await heard[1]?.started
    const text = await fileWritten(join(sandboxOf(bench.workDir, reader), 'out'))
    const names = text.split('\n').map((line) => line.split('=')[0])
    expect(text).toContain(`MESOS_SANDBOX=${sandbox}\n`)
    expect(text).toContain('MESOS_CONTAINER_IP=127.0.0.1\n')
    expect(text).toContain('MESOS_ALLOCATION_ROLE=ci\n')
    expect(text).toContain('of the host')
    expect(names.filter((name) => name?.startsWith('MESOS_') || name?.startsWith('LIBPROCESS_'))).toHaveLength(3)

    await bench.runner.close({ killTasks: true })
    expect(existsSync(join(bench.workDir, executor))).toBe(false)
    expect(readFileSync(join(folder, 'home'), 'utf8')).toBe('of the host')
  })

  test.each<[string, NonNullable<WireContainer['volumes']>, RegExp]>([
    ['at an absolute path', [{ mode: 'RW', container_path: '/var/x', host_path: '/tmp' }], /such as 'var\/x'/],
    ['of Docker', [{ mode: 'RW', container_path: 'x', source: { type: 'DOCKER_VOLUME' } }], /of a kind/],
    ['that is not there', [{ mode: 'RW', container_path: 'x', host_path: '/no/such' }], /'\/no\/such' is not there/],
  ])('refuse a volume %s', async (_name, volumes, words) => {
    const bench = makeBench(cleanup)
    expect(await launch(bench, nested('true', volumes)).over).toEqual({
      kind: 'launchFailed',
      message: expect.stringMatching(words),
    })
  })

  test('are found again by a runner that starts anew', async () => {
    const first = makeBench(cleanup)
    const task = nested('sleep 300', [shared])
    const pid = await launch(first, task).started
    await first.runner.close({ killTasks: false })
    const second = makeBench(cleanup, first.workDir)
    expect(await second.runner.recover()).toEqual([{ ...task, outcome: { kind: 'running', pid } }])
  })

  test('of which nothing can be read are found by their folders', async () => {
    const bench = makeBench(cleanup)
    mkdirSync(join(bench.workDir, 'meta', executor, 'containers', 'c1'), { recursive: true })
    const [found] = await bench.runner.recover()
    expect(found).toMatchObject({ parent, containerId: 'c1', outcome: { kind: 'lost' } })
    expect(bench.problems).toHaveLength(1)
  })
})

describe('a look at the health of a task', () => {
  async function look(check: ReceivedHealthCheck, timeoutMs = 30_000): Promise<string | undefined> {
    const bench = makeBench(cleanup)
    const task = nested('sleep 300')
    await launch(bench, task).started
    return await bench.runner.checkHealth(task, check, timeoutMs)
  }

  test('asks by HTTP', async () => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/login' ? 200 : 503).end()
    })
    cleanup.add(() => server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect(await look({ type: 'HTTP', http: { port, path: '/login' } })).toBeUndefined()
    expect(await look({ type: 'HTTP', http: { port } })).toBe(`http://127.0.0.1:${port}/ answered 503`)
    expect(await look({ type: 'HTTP', http: { port, statuses: [503] } })).toBeUndefined()
    expect(await look({ type: 'TCP', tcp: { port } })).toBeUndefined()
  })

  test('connects by TCP', async () => {
    expect(await look({ type: 'TCP', tcp: { port: 1 } })).toMatch(/ECONNREFUSED/)
  })

  test('runs a command with the environment of the task', async () => {
    expect(await look({ type: 'COMMAND', command: { value: '[ -n "$MESOS_SANDBOX" ]' } })).toBeUndefined()
    expect(await look({ type: 'COMMAND', command: { value: 'exit 4' } })).toBe('its command ended with 4')
    expect(await look({ type: 'COMMAND', command: { value: 'sleep 300' } }, 50)).toBe('no answer within 0.05 s')
  })
})
