/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   What Mesos tells is looked into freely. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Client, type Json, json, scalar, task, world } from './client.ts'

const good = ['TASK_STARTING', 'TASK_RUNNING']

function cpusOf(offer: Json): number {
  return offer.resources.find(({ name }: Json) => name === 'cpus').scalar.value
}

describe('a task group', () => {
  test('runs in one executor whose resources count once, until its last task has ended', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.acceptGroup([task('a', 'sleep 10; exit 0'), task('b', 'sleep 100; exit 0')])
    await there.clock.advance(5_000)
    expect([client.states('a'), client.states('b')]).toEqual([good, good])
    const [starting, , running] = client.updates
    const container = running.container_status.container_id
    expect(starting).toMatchObject({ executor_id: { value: 'instance-1' }, source: 'SOURCE_EXECUTOR' })
    expect(Object.keys(starting.container_status)).toEqual(['container_id'])
    expect(container.parent.value).not.toBe(container.value)
    expect(running.container_status.executor_pid).toBeGreaterThan(0)
    expect(cpusOf(client.lastOffer)).toBeCloseTo(8 - 0.5 - 0.5 - 0.1)
    const state = await json(there.mesos.masterHandler, '/state')
    expect(state.frameworks[0].tasks.map(({ executor_id }: Json) => executor_id)).toEqual(['instance-1', 'instance-1'])

    await there.clock.advance(10_000)
    expect([client.states('a'), client.states('b')]).toEqual([[...good, 'TASK_FINISHED'], good])
    expect(client.events.filter(({ type }) => type === 'FAILURE')).toEqual([])
    await there.clock.advance(100_000)
    expect(client.states('b')).toEqual([...good, 'TASK_FINISHED'])
    expect(client.events.filter(({ type }) => type === 'FAILURE').map(({ failure }) => failure)).toEqual([
      { agent_id: client.updates[0].agent_id, executor_id: { value: 'instance-1' }, status: 0 },
    ])
    expect(cpusOf(client.lastOffer)).toBeLessThan(8.001)
    expect(there.mesos.snapshot().tasks).toEqual([])
  })

  test.each([
    ['fails', 'sleep 5; exit 3', 'TASK_FAILED'],
    ['is killed by a signal of its own', 'sleep 5; kill -9 $$', 'TASK_FAILED'],
  ])('is over for all as soon as one %s', async (_how, command, end) => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.acceptGroup([task('a', command), task('b'), task('c')])
    await there.clock.advance(10_000)
    expect(client.states('a')).toEqual([...good, end])
    expect(client.states('b')).toEqual([...good, 'TASK_KILLING', 'TASK_KILLED'])
    expect(client.states('c')).toEqual([...good, 'TASK_KILLING', 'TASK_KILLED'])
  })

  test('is over for all when one is killed, each with its own grace', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    const grace = { kill_policy: { grace_period: { nanoseconds: 9e9 } } }
    await client.acceptGroup([task('a'), task('b', "trap '' TERM; sleep 300", grace)])
    await there.clock.advance(1_000)
    const { agent_id } = client.updates[0]
    await client.send({ type: 'KILL', kill: { task_id: { value: 'a' }, agent_id } })
    await there.clock.advance(20_000)
    expect(client.states('a').at(-1)).toBe('TASK_KILLED')
    expect(client.states('b').at(-1)).toBe('TASK_KILLED')
    expect(there.runner.kills).toEqual([
      { taskId: 'a', graceMs: 3_000 },
      { taskId: 'b', graceMs: 9_000 },
    ])
  })

  test('does not come up in part: what cannot be fetched ends the others', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.acceptGroup([task('a'), task('b', 'x', { command: { value: 'x', uris: [{ value: 'http://x/y' }] } })])
    await there.clock.advance(3_000)
    expect(client.states('a').at(-1)).toBe('TASK_KILLED')
    expect(client.states('b')).toEqual(['TASK_STARTING', 'TASK_FAILED'])
  })

  describe('over a restart of the embedded Mesos', () => {
    const folders: string[] = []
    afterEach(() => {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
    })

    test('goes on as a group', async () => {
      const stateDir = mkdtempSync(join(tmpdir(), 'groups-'))
      folders.push(stateDir)
      const before = await world({ stateDir })
      const first = await Client.subscribe(before, { failover_timeout: 1_000 })
      await first.acceptGroup([task('a'), task('b')])
      await before.clock.advance(1_000)
      await before.mesos.close({ killTasks: false })

      const after = await world({ stateDir }, before)
      const again = await Client.subscribe(after, { failover_timeout: 1_000 }, { id: first.frameworkId })
      await after.clock.advance(2_000)
      expect(cpusOf(again.lastOffer)).toBeCloseTo(8 - 1.1)
      after.runner.lose('a')
      await after.clock.advance(1_000)
      expect(again.states('a')).toEqual(['TASK_FAILED'])
      expect(again.states('b')).toEqual(['TASK_KILLING', 'TASK_KILLED'])
    })
  })
})

describe('a task group is refused as a whole', () => {
  const executor = 'instance-1'
  test.each<[string, Json[], Json, string | RegExp]>([
    ['an executor of no type', [task('a')], { type: undefined }, /'ExecutorInfo.type' must be/],
    ['a custom executor', [task('a')], { type: 'CUSTOM' }, /runs no custom executors/],
    [
      'a command',
      [task('a')],
      { command: { value: 'x' } },
      "'ExecutorInfo.command' must not be set for 'DEFAULT' executor",
    ],
    [
      'a container of Docker',
      [task('a')],
      { container: { type: 'DOCKER', docker: { image: 'i' } } },
      'Docker ContainerInfo is not supported on the executor',
    ],
    ['no disk', [task('a')], { resources: [scalar('cpus', 0.1), scalar('mem', 32)] }, /needs some disk/],
    ['little memory', [task('a')], { resources: [scalar('cpus', 0.1), scalar('mem', 31)] }, /at least 32 MB/],
    ['little CPU', [task('a')], { resources: [scalar('mem', 32)] }, /at least 0.01 cpus/],
    [
      'a network of its own',
      [task('a')],
      { container: { type: 'MESOS', network_infos: [{ name: 'n' }] } },
      /leave network_infos out/,
    ],
    [
      'a task with an executor',
      [task('a', 'x', { executor: { executor_id: { value: 'e' } } })],
      {},
      "Task 'a' is invalid: 'TaskInfo.executor' must not be set",
    ],
    [
      'a task of Docker',
      [task('a', 'x', { container: { type: 'DOCKER', docker: { image: 'i' } } })],
      {},
      /Docker ContainerInfo is not supported on the task/,
    ],
    [
      'a network of a task',
      [task('a', 'x', { container: { type: 'MESOS', network_infos: [{ name: 'n' }] } })],
      {},
      "Task 'a' is invalid: NetworkInfos must not be set on the task",
    ],
    ['a health check of no type', [task('a', 'x', { health_check: {} })], {}, /HealthCheck must specify 'type'/],
    [
      'a health check without what it checks',
      [task('a', 'x', { health_check: { type: 'TCP' } })],
      {},
      /Expecting 'tcp' to be set/,
    ],
    [
      'more than there is',
      [task('a', 'x', { resources: [scalar('cpus', 8)] })],
      {},
      /^Total resources .* required by task group and its executor are more than available/,
    ],
  ])('for %s', async (_name, tasks, more, said) => {
    const client = await Client.subscribe(await world())
    await client.acceptGroup([...tasks, task('z')], { executor_id: { value: executor }, ...more })
    expect(client.updates.map(({ state, reason }) => [state, reason])).toEqual([
      ['TASK_ERROR', 'REASON_TASK_GROUP_INVALID'],
      ['TASK_ERROR', 'REASON_TASK_GROUP_INVALID'],
    ])
    expect(new Set(client.updates.map(({ message }) => message)).size).toBe(1)
    expect(client.updates[0].message).toMatch(said)
  })

  test('without an executor, as a call that is no call', async () => {
    const client = await Client.subscribe(await world())
    const { status } = await client.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: [client.lastOffer.id],
        operations: [{ type: 'LAUNCH_GROUP', launch_group: { task_group: { tasks: [] } } }],
      },
    })
    expect(status).toBe(400)
  })
})

describe('health checks', () => {
  const check = {
    type: 'HTTP',
    http: { port: 31000, path: '/login' },
    delay_seconds: 1,
    interval_seconds: 2,
    grace_period_seconds: 10,
  }

  test('are told when they change, and kill after so many failures', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.accept([task('t', 'sleep 300', { health_check: check })])
    there.runner.sick.set('t', 'does not answer')
    await there.clock.advance(8_000)
    expect(client.states('t')).toEqual(good)
    there.runner.sick.clear()
    await there.clock.advance(10_000)
    expect(client.updates.slice(2)).toEqual([
      expect.objectContaining({
        state: 'TASK_RUNNING',
        healthy: true,
        reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED',
      }),
    ])
    there.runner.sick.set('t', 'does not answer')
    await there.clock.advance(10_000)
    expect(client.updates.slice(3).map(({ state, healthy }) => [state, healthy])).toEqual([
      ['TASK_RUNNING', false],
      ['TASK_RUNNING', false],
      ['TASK_RUNNING', false],
      ['TASK_KILLING', undefined],
      ['TASK_KILLED', false],
    ])
    await there.clock.advance(60_000)
    expect(client.updates).toHaveLength(8)
  })

  test('of one container end the whole group', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    there.runner.sick.set('a', 'does not answer')
    await client.acceptGroup([
      task('a', 'sleep 300', { health_check: { ...check, consecutive_failures: 1 } }),
      task('b'),
    ])
    await there.clock.advance(20_000)
    expect(client.states('b').at(-1)).toBe('TASK_KILLED')
  })
})
