/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import {
  type ElectionShown,
  EmbeddedMasters,
  type EmbeddedMastersOptions,
} from '../../../src/embedded/mesos/embedded-masters.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'
import { ask, Client, HOST, headerOf, type Json, masked, type Reachable, recorded, task, text } from './client.ts'
import { FakeRunner } from './fake-runner.ts'

const LEADER = '127.0.0.1:5320'
const NEXT = '127.0.0.1:5321'
const THIRD = '127.0.0.1:5323'
const FAILOVER = recorded('12-two-masters').steps

interface Trio {
  readonly clock: VirtualClock
  readonly masters: EmbeddedMasters
  readonly runner: FakeRunner
  readonly changes: ElectionShown[]
  readonly at: (authority: string) => Reachable
}

async function trio(options: Partial<EmbeddedMastersOptions> = {}): Promise<Trio> {
  const clock = new VirtualClock()
  const runner = new FakeRunner(clock)
  const changes: ElectionShown[] = []
  const masters = await EmbeddedMasters.start({
    clock,
    hosts: [HOST],
    runnerFor: () => runner,
    authorities: [LEADER, NEXT, THIRD],
    onChange: (shown) => changes.push(shown),
    ...options,
  })
  const at = (authority: string): Reachable => ({
    clock,
    mesos: { masterHandler: masters.masterHandler(authority) },
  })
  return { clock, masters, runner, changes, at }
}

async function revive({ mesos }: Reachable): Promise<string> {
  const body = JSON.stringify({ type: 'REVIVE', framework_id: { value: 'x' } })
  try {
    const response = await ask(
      mesos.masterHandler,
      'POST',
      '/api/v1/scheduler',
      { 'content-type': 'application/json' },
      body,
    )
    return `${response.status} ${response.status === 307 ? headerOf(response, 'Location') : text(response)}`
  } catch (error) {
    return (error as Error).name
  }
}

async function failover(there: Trio): Promise<void> {
  there.masters.killLeader()
  await there.clock.advance(8_050)
}

describe('followers', () => {
  const exchanges = recorded('12c-follower-answers').exchanges.filter(({ master }: Json) => master === 'follower')

  test.each(exchanges.map((exchange: Json) => [`${exchange.request.method} ${exchange.request.path}`, exchange]))(
    '%s is answered as recorded',
    async (_, { request, response }: Json) => {
      const there = await trio()
      const body =
        typeof request.body === 'string' ? request.body : request.body === null ? '' : JSON.stringify(request.body)
      const answer = await ask(there.at(NEXT).mesos.masterHandler, request.method, request.path, request.headers, body)
      expect(answer.status).toBe(response.status)
      expect(headerOf(answer, 'Location')).toBe(response.headers.Location ?? '')
    },
  )
})

describe('when the leader is killed', () => {
  test('followers redirect to the dead one until its session expires, then the next recovers and leads', async () => {
    const there = await trio()
    there.masters.killLeader()
    expect(await revive(there.at(LEADER))).toBe('ConnectionRefused')
    expect(await revive(there.at(NEXT))).toBe(`307 //${LEADER}/master/api/v1/scheduler`)
    await there.clock.advance(7_999)
    expect(await revive(there.at(THIRD))).toBe(`307 //${LEADER}/master/api/v1/scheduler`)
    await there.clock.advance(1)
    expect(await revive(there.at(NEXT))).toBe('503 Master has not finished recovery')
    expect(await revive(there.at(THIRD))).toBe(`307 //${NEXT}/master/api/v1/scheduler`)
    await there.clock.advance(50)

    const answers = FAILOVER.filter(({ stream }: Json) => stream === 'poll-5321-REVIVE').map(
      ({ response }: Json) => `${response.status} ${response.body}`,
    )
    expect(answers.slice(1, 3)).toEqual(['503 Master has not finished recovery', '400 Framework cannot be found'])
    expect(await revive(there.at(NEXT))).toBe(answers[2])
  })

  test('its znode stays as long, and the znodes are those of real masters', async () => {
    const there = await trio()
    const nodes = FAILOVER[0].nodes
    const shown = there.masters.shown.candidates
    expect(shown.map(({ znode }) => znode)).toEqual([
      'json.info_0000000000',
      'json.info_0000000001',
      'json.info_0000000002',
    ])
    const real = JSON.parse(nodes['json.info_0000000003'].data)
    const ours = JSON.parse(shown[2]?.data ?? '')
    expect({ ...ours, id: '' }).toEqual({ ...real, id: '' })
    expect(Object.keys(ours)).toEqual(Object.keys(real))
    there.masters.killLeader()
    expect(there.changes.at(-1)).toMatchObject({
      leader: LEADER,
      masters: [{ alive: false }, { alive: true }, { alive: true }],
    })
    expect(there.changes.at(-1)?.candidates).toHaveLength(3)
    await there.clock.advance(8_000)
    expect(there.changes.at(-1)?.candidates.map(({ znode }) => znode)).toEqual([
      'json.info_0000000001',
      'json.info_0000000002',
    ])
    expect(there.changes.at(-1)?.leader).toBe(NEXT)
  })

  test('the new leader gets frameworks and tasks from the hosts, and what was not acknowledged comes again', async () => {
    const there = await trio()
    const first = await Client.subscribe(there.at(LEADER), { failover_timeout: 60 }, { acknowledge: false })
    await first.accept([task('s12-run'), task('s12-unack'), task('s12-done', 'sleep 5')])
    await there.clock.advance(1_000)
    for (const id of ['s12-run', 's12-done']) {
      for (let count = 0; count < 2; count++) {
        await first.acknowledge(first.updates.findLast(({ task_id }) => task_id.value === id))
      }
    }
    const unacknowledged = first.updates.find(({ task_id }) => task_id.value === 's12-unack')
    const agent = first.lastOffer.agent_id
    await failover(there)
    expect(first.ended).toBe('reset')

    const again = await Client.subscribe(
      there.at(NEXT),
      { failover_timeout: 60 },
      { id: first.frameworkId, acknowledge: false },
    )
    expect(again.events[0].subscribed.framework_id.value).toBe(first.frameworkId)
    expect(again.events[0].subscribed.master_info).toMatchObject({
      port: 5321,
      id: there.masters.leader?.cluster.masterId,
    })
    const tasks = [
      { task_id: { value: 's12-run' }, agent_id: agent },
      { task_id: { value: 's12-unknown' }, agent_id: agent },
      { task_id: { value: 's12-unknown2' } },
      { task_id: { value: 's12-x' }, agent_id: { value: 'no-such-agent' } },
    ]
    await again.send({ type: 'RECONCILE', reconcile: { tasks } })
    await again.send({ type: 'RECONCILE', reconcile: {} })
    const recordedUpdates = (from: number, to: number) =>
      FAILOVER.filter(
        ({ stream, t_ms, event }: Json) => stream === 'B' && t_ms >= from && t_ms < to && event?.type === 'UPDATE',
      ).map(({ event }: Json) => event.update.status)
    expect(masked(again.updates)).toEqual(masked(recordedUpdates(12_300, 13_000)))

    await there.clock.advance(500)
    const resent = again.updates.slice(1)
    expect(resent.filter(({ task_id }) => task_id.value === 's12-unack').map(({ uuid }) => uuid)).toEqual([
      unacknowledged.uuid,
      unacknowledged.uuid,
    ])
    expect(resent.map(({ task_id, state }) => `${task_id.value} ${state}`).sort()).toEqual(
      recordedUpdates(13_000, 14_000)
        .map(({ task_id, state }: Json) => `${task_id.value} ${state}`)
        .sort(),
    )
    expect(again.lastOffer.agent_id).toEqual(agent)
    expect(again.lastOffer.id.value).toBe(`${there.masters.leader?.cluster.masterId}-O0`)

    const before = again.updates.length
    await again.send({ type: 'RECONCILE', reconcile: { tasks } })
    const answered = recordedUpdates(15_000, 16_000)
    expect(masked(again.updates.slice(before, before + 3))).toEqual(masked(answered))
    const implicit = again.updates.length
    await again.send({ type: 'RECONCILE', reconcile: {} })
    expect(
      again.updates
        .slice(implicit)
        .map(({ state }) => state)
        .sort(),
    ).toEqual(
      recordedUpdates(16_000, 17_000)
        .map(({ state }: Json) => state)
        .sort(),
    )
  })

  test('a framework with failover_timeout 0 may subscribe again to the new leader, its task runs on', async () => {
    const there = await trio()
    const first = await Client.subscribe(there.at(LEADER))
    await first.accept([task('s12e')])
    await there.clock.advance(1_000)
    await failover(there)
    const again = await Client.subscribe(there.at(NEXT), {}, { id: first.frameworkId })
    await there.clock.advance(3_000)
    await again.send({
      type: 'RECONCILE',
      reconcile: { tasks: [{ task_id: { value: 's12e' }, agent_id: first.lastOffer.agent_id }] },
    })
    const recordedAnswer = recorded('12e-leader-sigterm').steps.findLast(({ event }: Json) => event?.type === 'UPDATE')
    expect(masked(again.updates.at(-1))).toEqual(masked(recordedAnswer.event.update.status))
  })

  test('the failover timeout is not known to the new leader: tasks of a framework that never comes run on', async () => {
    const there = await trio()
    const first = await Client.subscribe(there.at(LEADER), { failover_timeout: 5 })
    await first.accept([task('orphan', 'sleep 100000')])
    await there.clock.advance(1_000)
    await failover(there)
    await there.clock.advance(3_600_000)
    expect(there.masters.snapshot().tasks).toMatchObject([{ taskId: 'orphan', state: 'TASK_RUNNING' }])
    expect(there.runner.tasks.size).toBe(1)
  })

  test('a host that does not come back in time is given up: FAILURE, then reconciliation answers', async () => {
    const there = await trio({ reregisterTimeoutMs: 20_000 })
    const first = await Client.subscribe(there.at(LEADER), { failover_timeout: 60 })
    await first.accept([task('t')])
    await there.clock.advance(1_000)
    await there.masters.removeHost('127.0.0.1', { tasks: 'keep' })
    await failover(there)
    const again = await Client.subscribe(there.at(NEXT), { failover_timeout: 60 }, { id: first.frameworkId })
    const ref = { tasks: [{ task_id: { value: 't' }, agent_id: first.lastOffer.agent_id }] }
    await again.send({ type: 'RECONCILE', reconcile: ref })
    expect(again.updates).toEqual([])
    await there.clock.advance(20_000)
    expect(again.events.at(-1)).toEqual({ type: 'FAILURE', failure: { agent_id: first.lastOffer.agent_id } })
    await again.send({ type: 'RECONCILE', reconcile: ref })
    expect(again.updates).toHaveLength(1)
    expect(again.updates).toMatchObject([{ state: 'TASK_UNREACHABLE', reason: 'REASON_RECONCILIATION' }])
    await there.masters.returnHost('127.0.0.1')
    await there.clock.advance(0)
    expect(there.masters.snapshot().tasks).toMatchObject([{ taskId: 't', state: 'TASK_RUNNING' }])
  })
})

test('a master that starts answers 404, knows no leader for a moment, then follows', async () => {
  const there = await trio()
  await failover(there)
  there.masters.revive(LEADER)
  const start = recorded('12d-master-start-and-no-leader').steps.filter(({ stream }: Json) => stream === 'start')
  expect(start.some(({ response }: Json) => response.body === '404 Not Found.')).toBe(true)
  expect(await revive(there.at(LEADER))).toBe('404 404 Not Found.')
  await there.clock.advance(60)
  expect(await revive(there.at(LEADER))).toBe(`307 //${NEXT}/master/api/v1/scheduler`)
  there.masters.kill(NEXT)
  there.masters.kill(THIRD)
  await there.clock.advance(8_050)
  expect(await revive(there.at(LEADER))).toBe('400 Framework cannot be found')
})

test('without ZooKeeper the leader ends itself in the end, and nobody knows another', async () => {
  const there = await trio()
  const client = await Client.subscribe(there.at(LEADER), { failover_timeout: 60 })
  there.masters.loseZooKeeper()
  expect(client.ended).toBe('open')
  await there.clock.advance(8_000)
  expect(client.ended).toBe('reset')
  expect(await revive(there.at(LEADER))).toBe('ConnectionRefused')
  expect(await revive(there.at(NEXT))).toBe('503 No leader elected')
  there.masters.returnZooKeeper()
  await there.clock.advance(50)
  expect(await revive(there.at(NEXT))).toBe('400 Framework cannot be found')
})

test('close leaves no timer behind', async () => {
  const there = await trio()
  await Client.subscribe(there.at(LEADER), { failover_timeout: 60 })
  there.masters.killLeader()
  await there.masters.close({ killTasks: true })
  await settle()
  expect(there.clock.pending).toBe(0)
})
