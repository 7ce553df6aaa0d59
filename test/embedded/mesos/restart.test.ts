/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return --
   Recorded JSON is looked into freely. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Client, task, type World, world } from './client.ts'

let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'embedded-mesos-'))
})
afterEach(() => {
  rmSync(stateDir, { recursive: true })
})

/** The process is gone, its tasks run on; then another one starts. */
async function restart(there: World, whileAway: () => Promise<void> = async () => undefined): Promise<World> {
  await there.mesos.close({ killTasks: false })
  await whileAway()
  return world({ stateDir }, there)
}

const REF = (client: Client) => ({ agent_id: client.lastOffer.agent_id })

describe('after a kill and a start with the same state', () => {
  test('a new master knows the host by its old id, finds its task running, and hears what was not acknowledged', async () => {
    const first = await world({ stateDir })
    const client = await Client.subscribe(first, { failover_timeout: 600 }, { acknowledge: false })
    await client.accept([task('run'), task('unack')])
    await first.clock.advance(1_000)
    const running = client.updates.filter(({ task_id }) => task_id.value === 'run')
    await client.acknowledge(running[0])
    await client.acknowledge(client.updates.at(-1))
    const old = first.mesos.masterId

    const there = await restart(first)
    expect(client.ended).toBe('reset')
    expect(there.mesos.masterId).not.toBe(old)
    const again = await Client.subscribe(
      there,
      { failover_timeout: 600 },
      { id: client.frameworkId, acknowledge: false },
    )
    expect(again.events[0].subscribed.framework_id.value).toBe(client.frameworkId)
    await there.clock.advance(1_000)

    expect(again.lastOffer.agent_id.value).toBe(`${old}-S0`)
    expect(again.lastOffer.id.value).toBe(`${there.mesos.masterId}-O0`)
    expect(again.lastOffer.resources.find(({ name }: { name: string }) => name === 'cpus').scalar.value).toBe(7)
    expect(again.states('unack')).toEqual(['TASK_STARTING', 'TASK_STARTING'])
    expect(again.updates[0].uuid).toBe(client.updates.find(({ task_id }) => task_id.value === 'unack').uuid)
    expect(again.states('run')).toEqual([])
    await again.send({ type: 'KILL', kill: { task_id: { value: 'run' } } })
    await there.clock.advance(100)
    expect(again.states('run')).toEqual(['TASK_KILLING'])
  })

  test('reconciliation is mute for what may come back, until the host is back', async () => {
    const first = await world({ stateDir })
    const client = await Client.subscribe(first, { failover_timeout: 600 })
    await client.accept([task('s12-run')])
    await first.clock.advance(1_000)
    const there = await restart(first)
    const again = await Client.subscribe(there, { failover_timeout: 600 }, { id: client.frameworkId })
    const tasks = [
      { task_id: { value: 's12-run' }, ...REF(client) },
      { task_id: { value: 's12-unknown' }, ...REF(client) },
      { task_id: { value: 's12-unknown2' } },
      { task_id: { value: 's12-x' }, agent_id: { value: 'no-such-agent' } },
    ]
    await again.send({ type: 'RECONCILE', reconcile: { tasks } })
    await again.send({ type: 'RECONCILE', reconcile: {} })
    expect(again.updates).toMatchObject([{ task_id: { value: 's12-x' }, state: 'TASK_UNKNOWN' }])
    await there.clock.advance(1_000)
    await again.send({ type: 'RECONCILE', reconcile: { tasks } })

    expect(again.updates.slice(1).map(({ task_id, state }) => [task_id.value, state])).toEqual([
      ['s12-run', 'TASK_RUNNING'],
      ['s12-unknown', 'TASK_GONE'],
      ['s12-unknown2', 'TASK_UNKNOWN'],
      ['s12-x', 'TASK_UNKNOWN'],
    ])
  })

  test('a task whose supervisor vanished meanwhile has failed', async () => {
    const first = await world({ stateDir })
    const client = await Client.subscribe(first, { failover_timeout: 600 })
    await client.accept([task('t')])
    await first.clock.advance(1_000)
    const there = await restart(first, async () => {
      first.runner.lose('t')
    })
    const again = await Client.subscribe(there, { failover_timeout: 600 }, { id: client.frameworkId })
    await there.clock.advance(1_000)

    expect(again.updates.at(-1)).toMatchObject({ state: 'TASK_FAILED', message: 'Executor terminated' })
  })

  test('a task whose launch never came about is dropped', async () => {
    const first = await world({ stateDir })
    const client = await Client.subscribe(first, { failover_timeout: 600 })
    await client.accept([task('t')])
    const there = await restart(first, async () => {
      first.runner.lose('t')
    })
    const again = await Client.subscribe(there, { failover_timeout: 600 }, { id: client.frameworkId })
    await there.clock.advance(1_000)

    expect(again.updates.at(-1)).toMatchObject({ state: 'TASK_DROPPED', reason: 'REASON_AGENT_RESTARTED' })
  })

  test('a framework that was removed stays removed', async () => {
    const first = await world({ stateDir })
    const client = await Client.subscribe(first, { failover_timeout: 600 })
    await client.send({ type: 'TEARDOWN' })
    const there = await restart(first)
    const again = await Client.subscribe(there, {}, { id: client.frameworkId })

    expect(again.events).toMatchObject([{ error: { message: 'Framework has been removed' } }])
  })

  test('a framework that never comes back loses its tasks in the end', async () => {
    const first = await world({ stateDir })
    const client = await Client.subscribe(first, { failover_timeout: 10 })
    await client.accept([task('t')])
    await first.clock.advance(1_000)
    const there = await restart(first)
    await there.clock.advance(1_000)
    expect(there.mesos.snapshot()).toMatchObject({ tasks: [{ taskId: 't', state: 'TASK_RUNNING' }] })
    await there.clock.advance(601_000)

    expect(there.mesos.snapshot()).toMatchObject({ tasks: [], frameworks: [] })
    expect(there.runner.tasks.size).toBe(0)
  })

  test('tasks of a framework without checkpointing do not outlive the process', async () => {
    const first = await world({ stateDir })
    const client = await Client.subscribe(first, { failover_timeout: 600, checkpoint: false })
    await client.accept([task('t')])
    await first.clock.advance(1_000)
    const there = await restart(first)
    await there.clock.advance(1_000)

    expect(there.runner.tasks.size).toBe(0)
    expect(there.mesos.snapshot().tasks).toEqual([])
  })
})

test('checkpoints are readable by their owner only', async () => {
  const there = await world({ stateDir })
  const client = await Client.subscribe(there)
  await client.accept([task('t')])
  const files = ['master.json', ...readdirSync(join(stateDir, 'hosts')).map((name) => `hosts/${name}`)]

  expect(files).toEqual(['master.json', 'hosts/127.0.0.1.json'])
  for (const file of files) expect(statSync(join(stateDir, file)).mode & 0o777).toBe(0o600)
})

test('a checkpoint that is no JSON is named, with what to do', async () => {
  await world({ stateDir })
  writeFileSync(join(stateDir, 'hosts', '127.0.0.1.json'), '{')

  await expect(world({ stateDir })).rejects.toThrow(/127\.0\.0\.1\.json holds no JSON .* remove it/)
})

test('close leaves no timer behind', async () => {
  const there = await world({ stateDir, offerTimeoutMs: 60_000 })
  await Client.subscribe(there, { failover_timeout: 60 })
  const gone = await Client.subscribe(there, { failover_timeout: 60 })
  await gone.leave()
  await there.mesos.removeHost('127.0.0.1', { tasks: 'keep' })
  await there.mesos.close({ killTasks: true })

  expect(there.clock.pending).toBe(0)
})
