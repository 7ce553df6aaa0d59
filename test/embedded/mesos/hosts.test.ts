/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return --
   Recorded JSON is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import { Client, HOST, type Json, masked, recorded, task, type World, world } from './client.ts'

const LOST = recorded('11-agent-lost').steps

function told(stream: string, taskId: string, from: number, to: number): Json[] {
  return LOST.filter(
    ({ stream: own, t_ms, event }: Json) =>
      own === stream && t_ms >= from && t_ms < to && event?.update?.status.task_id.value === taskId,
  ).map(({ event }: Json) => event.update.status)
}

describe('a host that falls silent', () => {
  async function lost(): Promise<{ there: World; pa: Client; old: Client; idle: Client }> {
    const there = await world({ agentPingTimeoutMs: 1_000, maxAgentPingTimeouts: 2 })
    const pa = await Client.subscribe(there, { name: 'pa', failover_timeout: 60 })
    await pa.accept([task('s11-pa')], { refuse: 3_600 })
    const old = await Client.subscribe(there, {
      name: 'old',
      failover_timeout: 60,
      capabilities: ['MULTI_ROLE', 'TASK_KILLING_STATE', 'RESERVATION_REFINEMENT'].map((type) => ({ type })),
    })
    await old.accept([task('s11-old')], { refuse: 3_600 })
    const idle = await Client.subscribe(there, { name: 'idle' })
    await there.clock.advance(1_000)
    await there.mesos.removeHost('127.0.0.1', { tasks: 'keep' })
    await there.clock.advance(0)
    return { there, pa, old, idle }
  }

  test('its offers are rescinded at once, a launch on them is dropped', async () => {
    const { idle } = await lost()
    expect(idle.events.at(-1)).toEqual({ type: 'RESCIND', rescind: { offer_id: idle.lastOffer.id } })
    await idle.accept([task('s11-late')])

    expect(masked(idle.updates)).toEqual(masked(told('IDLE', 's11-late', 0, 20_000)))
  })

  test('after the pings its tasks are unreachable (or lost), and everybody hears of the failure', async () => {
    const { there, pa, old, idle } = await lost()
    await there.clock.advance(1_999)
    expect(pa.states('s11-pa')).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
    await there.clock.advance(1)

    expect(masked(pa.updates.at(-1))).toEqual(masked(told('PA', 's11-pa', 12_000, 18_000)[0]))
    expect(masked(old.updates.at(-1))).toEqual(masked(told('OLD', 's11-old', 12_000, 18_000)[0]))
    for (const client of [pa, old, idle]) {
      expect(client.events.at(-1)).toEqual({ type: 'FAILURE', failure: { agent_id: idle.lastOffer.agent_id } })
    }
    expect(there.mesos.snapshot().hosts).toMatchObject([{ connected: false, unreachable: true }])
  })

  test('while it is away: explicit reconciliation and KILL say unreachable, implicit leaves it out, no offer comes', async () => {
    const { there, pa, old, idle } = await lost()
    await there.clock.advance(2_000)
    const offers = idle.offers.length
    const ref = (id: string) => ({ task_id: { value: id }, agent_id: idle.lastOffer.agent_id })
    const before = pa.updates.length
    await pa.send({ type: 'RECONCILE', reconcile: { tasks: [ref('s11-pa'), ref('s11-nope')] } })
    await pa.send({ type: 'RECONCILE', reconcile: {} })
    await pa.send({ type: 'KILL', kill: ref('s11-pa') })
    await old.send({ type: 'RECONCILE', reconcile: { tasks: [ref('s11-old')] } })
    await there.clock.advance(3_000)
    const recordedAnswers = ['s11-pa', 's11-nope'].flatMap((id) => told('PA', id, 18_000, 20_000))

    expect(pa.updates).toHaveLength(before + 3)
    for (const answer of masked(pa.updates.slice(before))) expect(masked(recordedAnswers)).toContainEqual(answer)
    expect(masked(old.updates.at(-1))).toEqual(masked(told('OLD', 's11-old', 19_000, 20_000)[0]))
    expect(idle.offers).toHaveLength(offers)
    expect(there.runner.kills).toEqual([])
  })

  test('it returns with the same id: tasks run again as told, its updates flow, and it is offered', async () => {
    const { there, pa, old, idle } = await lost()
    await there.clock.advance(5_000)
    await there.mesos.returnHost('127.0.0.1')
    await there.clock.advance(0)

    expect(masked(pa.updates.at(-1))).toEqual(masked(told('PA', 's11-pa', 22_000, 23_000)[0]))
    expect(masked(old.updates.at(-1))).toEqual(masked(told('OLD', 's11-old', 22_000, 23_000)[0]))
    expect(idle.lastOffer.agent_id.value).toBe(pa.updates[0].agent_id.value)
    await pa.send({ type: 'KILL', kill: { task_id: { value: 's11-pa' } } })
    await there.clock.advance(1_000)
    expect(pa.states('s11-pa').slice(-2)).toEqual(['TASK_KILLING', 'TASK_KILLED'])
  })

  test('it returns before anybody gave it up: nothing but the rescinded offers was heard', async () => {
    const { there, pa } = await lost()
    await there.clock.advance(1_000)
    await there.mesos.returnHost('127.0.0.1')
    await there.clock.advance(5_000)

    expect(pa.states('s11-pa')).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
    expect(pa.events.some(({ type }) => type === 'FAILURE')).toBe(false)
  })

  test('what ended meanwhile is told on return, twice as a real one does', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.accept([task('ends', 'sleep 5')])
    await there.clock.advance(1_000)
    await there.mesos.removeHost('127.0.0.1', { tasks: 'keep' })
    await there.clock.advance(10_000)
    expect(client.states('ends')).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
    await there.mesos.returnHost('127.0.0.1')
    await there.clock.advance(0)

    expect(client.states('ends').slice(2)).toEqual(['TASK_FINISHED', 'TASK_FINISHED'])
    expect(there.mesos.snapshot().tasks).toEqual([])
  })
})

test('a host that loses power comes back without its tasks', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.accept([task('gone')])
  await there.clock.advance(1_000)
  await there.mesos.removeHost('127.0.0.1', { tasks: 'lost' })
  await there.clock.advance(75_000)
  expect(client.states('gone').at(-1)).toBe('TASK_UNREACHABLE')
  await there.mesos.returnHost('127.0.0.1')
  await there.clock.advance(0)

  expect(client.updates.at(-1)).toMatchObject({
    state: 'TASK_FAILED',
    source: 'SOURCE_AGENT',
    message: 'Executor terminated',
  })
})

test('without checkpointing a silent host loses its tasks at once', async () => {
  const there = await world()
  const client = await Client.subscribe(there, { checkpoint: false })
  await client.accept([task('s11b-nocp')])
  await there.clock.advance(1_000)
  await there.mesos.removeHost('127.0.0.1', { tasks: 'keep' })
  await there.clock.advance(1_000)

  expect(client.updates.at(-1)).toMatchObject({
    state: 'TASK_LOST',
    reason: 'REASON_AGENT_DISCONNECTED',
    message: 'Agent 127.0.0.1 disconnected',
  })
  expect(there.runner.tasks.size).toBe(0)
})

test('a host that unregisters: TASK_LOST for everybody, then FAILURE', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.accept([task('t')])
  await there.clock.advance(1_000)
  await there.mesos.unregisterHost('127.0.0.1')
  await there.clock.advance(0)

  expect(client.updates.at(-1)).toMatchObject({
    state: 'TASK_LOST',
    message: 'Agent 127.0.0.1 removed: the agent unregistered',
  })
  expect(client.events.at(-1).type).toBe('FAILURE')
})

test('a host that is added is offered at once; one that is there cannot be added', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await there.mesos.addHost({ ...HOST, hostname: 'b', authority: '127.0.0.1:5252' })
  await there.clock.advance(0)

  expect(client.offers.map(({ hostname }) => hostname)).toEqual(['127.0.0.1', 'b'])
  await expect(there.mesos.addHost(HOST)).rejects.toThrow('there is a host 127.0.0.1 already')
  expect(() => there.mesos.hostHandler('c')).toThrow('there are 127.0.0.1, b')
})

describe('a host that restarts', () => {
  test('only its agent, quickly: offers are rescinded, tasks do not notice, and what is not acknowledged comes again', async () => {
    const there = await world()
    const client = await Client.subscribe(there, { failover_timeout: 60 }, { acknowledge: false })
    await client.accept([task('s11b-unack')])
    await there.clock.advance(1_000)
    const before = client.events.length
    await there.mesos.restartHost('127.0.0.1', 2_500)
    await there.clock.advance(3_500)

    const types = client.events.slice(before).map(({ type, update }) => update?.status.state ?? type)
    expect(types).toEqual(['RESCIND', 'TASK_STARTING', 'TASK_STARTING', 'OFFERS'])
    const quick = recorded('11b-agent-quick-restart').steps.filter(
      ({ stream, event }: Json) => stream === 'CP' && event?.update?.status.task_id.value === 's11b-unack',
    )
    const recordedUuids = quick.map(({ event }: Json) => event.update.status.uuid)
    expect(recordedUuids[0]).toBe(recordedUuids[1])
    expect(there.runner.tasks.size).toBe(1)
  })

  test('the whole machine, empty: it has another id, the tasks of the old one become unreachable', async () => {
    const there = await world({ agentPingTimeoutMs: 1_000, maxAgentPingTimeouts: 2 })
    const client = await Client.subscribe(there, { failover_timeout: 60 })
    await client.accept([task('t')])
    await there.clock.advance(1_000)
    const old = client.lastOffer.agent_id
    await there.mesos.rebootHost('127.0.0.1')
    await there.clock.advance(0)
    expect(client.lastOffer.agent_id).not.toEqual(old)
    await client.accept([task('again')])
    await there.clock.advance(2_000)
    expect(client.updates.findLast(({ task_id }) => task_id.value === 't')).toMatchObject({
      state: 'TASK_UNREACHABLE',
      reason: 'REASON_AGENT_REMOVED',
      agent_id: old,
    })
    expect(client.states('again')).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
    expect(there.mesos.snapshot().hosts).toMatchObject([{ unreachable: true }, { connected: true }])
  })
})
