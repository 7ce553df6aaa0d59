/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import { ask, Client, type Json, masked, recorded, task, text, world } from './client.ts'

/** Plays the calls of a recording that launch, and compares what becomes of each task. */
async function replay(name: string, perTask: (id: string) => boolean = () => true): Promise<void> {
  const { steps } = recorded(name)
  const there = await world()
  const client = await Client.of(there, steps[0].request.body)
  for (const [index, step] of steps.entries()) {
    const call = step.request?.body
    if (call?.type === 'ACCEPT') {
      await client.send({ type: 'REVIVE' })
      await there.clock.advance(1_000)
      const { operations, filters } = call.accept
      await client.send({
        type: 'ACCEPT',
        accept: {
          offer_ids: client.offers
            .filter(({ id }) => there.mesos.snapshot().offers.some((o) => o.id === id.value))
            .map(({ id }) => id),
          operations: operations.map((operation: Json) => ({
            ...operation,
            launch: {
              task_infos: (operation.launch.task_infos ?? []).map((info: Json) => ({
                ...info,
                agent_id: info.agent_id.value === 'no-such-agent' ? info.agent_id : client.lastOffer.agent_id,
              })),
            },
          })),
          filters,
        },
      })
      await there.clock.advance(2_500)
    }
    if (call?.type === 'KILL') {
      const { agent_id } = call.kill
      const known = agent_id !== undefined && agent_id.value !== 'no-such-agent'
      await client.send({
        ...call,
        framework_id: { value: client.frameworkId },
        kill: { ...call.kill, ...(known ? { agent_id: client.lastOffer.agent_id } : {}) },
      })
      const next = steps.slice(Number(index) + 1).find(({ request }: Json) => request?.body?.type === 'KILL')
      // A second KILL on the heels of the first comes while that one still works.
      if (next === undefined || next.t_ms - step.t_ms > 100) await there.clock.advance(7_000)
    }
  }
  const told = new Map<string, Json[]>()
  for (const { event } of steps) {
    const status = event?.update?.status
    if (status === undefined || !perTask(status.task_id.value)) continue
    told.set(status.task_id.value, [...(told.get(status.task_id.value) ?? []), status])
  }
  const shown = (status: Json): Json => {
    const { container_status: _left, ...rest } = masked(status)
    return rest
  }
  expect(told.size).toBeGreaterThan(0)
  for (const [id, statuses] of told) {
    const ours = client.updates.filter(({ task_id }) => task_id.value === id)
    expect([id, ours.map(shown)]).toEqual([id, statuses.map(shown)])
  }
}

test.each(['03-task-exit0', '03b-two-tasks-one-accept', '03c-two-launch-operations'])(
  'tasks that end well: %s',
  async (name) => {
    await replay(name)
  },
)

test('tasks that fail by status or signal', async () => {
  await replay('04-task-fails', (id) => id !== 's4-notfound' && id !== 's4-exit127')
})

test.each(['04b-kill-with-TASK_KILLING', '04c-kill-without-TASK_KILLING'])('KILL: %s', async (name) => {
  await replay(name)
})

test('an executor-made update carries its container, an agent-made one does not', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.accept([
    task('ok', 'exit 0'),
    task('no', 'x', { command: { value: 'x', uris: [{ value: 'http://127.0.0.1:9/x' }] } }),
  ])
  await there.clock.advance(1_000)
  const status = recorded('03-task-exit0').steps.find(({ event }: Json) => event?.type === 'UPDATE').event.update.status

  expect(Object.keys(client.updates[0])).toEqual(Object.keys(status))
  expect(masked(client.updates[0].container_status)).toEqual(masked(status.container_status))
  expect(client.updates[0].uuid).toHaveLength(24)
  const failed = client.updates.find(({ task_id }) => task_id.value === 'no')
  expect(failed).toMatchObject({
    state: 'TASK_FAILED',
    source: 'SOURCE_AGENT',
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: expect.stringMatching(
      /^Failed to launch container: Failed to fetch all URIs for container '.*': exited with status 1$/,
    ),
  })
  expect(failed).not.toHaveProperty('container_status')
})

describe('the grace of a KILL', () => {
  test.each([
    ['3 s by default', undefined, 3_000],
    ["the task's own policy", { grace_period: { nanoseconds: 6e9 } }, 6_000],
  ])('%s, whatever the call says; a second KILL does nothing', async (_name, policy, graceMs) => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.accept([task('t', 'sleep 300', policy === undefined ? {} : { kill_policy: policy })])
    await there.clock.advance(1_000)
    const kill = { task_id: { value: 't' }, kill_policy: { grace_period: { nanoseconds: 1e9 } } }
    await client.send({ type: 'KILL', kill })
    await client.send({ type: 'KILL', kill })
    await there.clock.advance(1_000)

    expect(there.runner.kills).toEqual([{ taskId: 't', graceMs }])
    expect(client.states('t')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED'])
  })
})

test('KILL right behind the ACCEPT: killed before delivery, and what the launch says later is not heard', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.accept([task('s4-dl')])
  await client.send({ type: 'KILL', kill: { task_id: { value: 's4-dl' } } })
  await there.clock.advance(2_000)
  const { steps } = recorded('04d-kill-wrong-agent-and-during-launch')
  const told = steps.find(({ event }: Json) => event?.update?.status.task_id.value === 's4-dl').event.update.status

  expect(masked(client.updates)).toEqual([masked(told)])
  expect(there.runner.forgotten).toEqual(['s4-dl'])
})

test('KILL with another agent id does nothing', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.accept([task('s4-w')])
  await there.clock.advance(1_000)
  await client.send({ type: 'KILL', kill: { task_id: { value: 's4-w' }, agent_id: { value: 'no-such-agent' } } })
  await there.clock.advance(1_000)

  expect(client.states('s4-w')).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
})

test('a supervisor that vanished fails the task', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.accept([task('t')])
  await there.clock.advance(1_000)
  there.runner.lose('t')
  await there.clock.advance(0)

  expect(client.updates.at(-1)).toMatchObject({
    state: 'TASK_FAILED',
    source: 'SOURCE_AGENT',
    reason: 'REASON_EXECUTOR_TERMINATED',
    message: 'Executor terminated',
  })
})

describe('a launch that was refused in the recording is refused here', () => {
  // Left out: what the task runner decides (URIs, users), and cases whose text names an offer.
  test.each(['05-launch-failures', '05b-launch-failures-not-partition-aware'])('%s', async (name) => {
    const { steps } = recorded(name)
    const there = await world({
      hosts: [
        {
          hostname: '127.0.0.1',
          authority: '127.0.0.1:5051',
          resources: { cpus: 4, memMib: 4096, diskMib: 8192, ports: [{ begin: 31000, end: 31200 }] },
        },
      ],
    })
    let compared = 0
    for (const step of steps) {
      const call = step.request?.body
      if (call?.type !== 'ACCEPT') continue
      const infos = call.accept.operations.flatMap(({ launch }: Json) => launch.task_infos ?? [])
      const refused = infos.flatMap(({ task_id }: Json) =>
        steps.filter(({ t_ms, event }: Json) => {
          const status = event?.update?.status
          return (
            t_ms >= step.t_ms &&
            t_ms - step.t_ms < 400 &&
            status?.task_id.value === task_id.value &&
            /^TASK_(?:ERROR|DROPPED|LOST)$/.test(status.state)
          )
        }),
      )
      if (
        refused.length === 0 ||
        /Duplicate offer|no longer valid|invalid framework|duplicate ID/.test(refused[0].event.update.status.message)
      )
        continue
      const client = await Client.of(there, steps[0].request.body)
      const { agent_id } = client.lastOffer
      const own = (info: Json): Json => (info.agent_id.value === 'no-such-agent' ? info : { ...info, agent_id })
      await client.send({
        type: 'ACCEPT',
        accept: {
          ...call.accept,
          offer_ids: call.accept.offer_ids.length === 0 ? [] : [client.lastOffer.id],
          operations: call.accept.operations.map((operation: Json) => ({
            ...operation,
            launch: { task_infos: operation.launch.task_infos.map(own) },
          })),
        },
      })
      for (const { event } of refused) {
        const told = event.update.status
        const ours = client.updates.find(({ task_id }) => task_id.value === told.task_id.value)
        // Mesos' message lists what was free then; the sums differ with the tasks that ran.
        const less = (status: Json): Json =>
          masked({ ...status, message: status.message.replace(/ is more than available .*/, '') })
        expect(less(ours)).toEqual(less(told))
        compared += 1
      }
      await client.send({ type: 'TEARDOWN' })
    }
    expect(compared).toBeGreaterThan(name.startsWith('05b') ? 2 : 15)
  })

  test.each([
    ['docker', { container: { type: 'DOCKER', docker: { image: 'alpine' } } }],
    ['image', { container: { type: 'MESOS', mesos: { image: { type: 'DOCKER', docker: { name: 'alpine' } } } } }],
    ['noval', { command: { shell: true } }],
    ['noval2', { command: { shell: false } }],
  ])('by the host: %s', async (name, extra) => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.accept([task(`c-${name}`, 'true', extra)])
    const told = recorded('05-launch-failures')
      .steps.map(({ event }: Json) => event?.update?.status)
      .filter((status: Json) => status?.task_id.value === `c-${name}`)
    // This recording lost the container_status of STARTING.
    const shown = client.updates.map(({ container_status: _left, ...rest }) => rest)

    expect(masked(shown)).toEqual(masked(told))
    expect(there.runner.launched).toEqual([])
  })
})

describe('an ACCEPT with wrong offers drops its tasks and gives the good offers back', () => {
  test.each([
    ['none', () => [], 'No offers specified'],
    ['one twice', (id: string) => [id, id], 'Duplicate offer OFFER in offer list'],
    ['one good, one stale', (id: string) => [id, 'nonsense-O1'], 'Offer nonsense-O1 is no longer valid'],
  ] as const)('%s', async (_name, ids, said) => {
    const there = await world()
    const client = await Client.subscribe(there)
    const { id, agent_id } = client.lastOffer
    await client.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: ids(id.value).map((value) => ({ value })),
        operations: [{ type: 'LAUNCH', launch: { task_infos: [{ ...task('o'), agent_id }] } }],
      },
    })

    expect(client.updates).toMatchObject([
      {
        state: 'TASK_DROPPED',
        reason: 'REASON_INVALID_OFFERS',
        message: `Task launched with invalid offers: ${said.replace('OFFER', id.value)}`,
      },
    ])
    expect(client.updates[0]).not.toHaveProperty('uuid')
    await there.clock.advance(1_000)
    expect(there.mesos.snapshot().offers).toHaveLength(1)
  })

  test('of another framework: that one keeps its offer', async () => {
    const there = await world()
    const other = await Client.subscribe(there)
    const client = await Client.subscribe(there)
    await client.accept([task('o-foreign')], { offer: other.lastOffer })

    expect(client.updates[0].message).toBe(
      `Task launched with invalid offers: Offer ${other.lastOffer.id.value} has invalid framework ${other.frameworkId} while framework ${client.frameworkId} is expected`,
    )
    await client.send({ type: 'DECLINE', decline: { offer_ids: [other.lastOffer.id] } })
    expect(there.mesos.snapshot().offers).toMatchObject([{ frameworkId: other.frameworkId }])
  })
})

test('what a task needs to run is not in any page of the master', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  const environment = { variables: [{ name: 'SECRET', value: 'MARKER_ENV' }] }
  await client.accept([
    task('t', 'x', {
      command: { value: 'sleep 60; MARKER_CMD', environment },
      labels: { labels: [{ key: 'l', value: 'MARKER_LABEL' }] },
    }),
  ])
  await there.clock.advance(1_000)
  for (const path of [
    '/master/state',
    '/state',
    '/master/tasks',
    '/master/frameworks',
    '/master/slaves',
    '/metrics/snapshot',
  ]) {
    const body = text(await ask(there.mesos.masterHandler, 'GET', path))
    expect([path, body.includes('MARKER_ENV'), body.includes('MARKER_CMD')]).toEqual([path, false, false])
  }
  const host = there.mesos.hostHandler('127.0.0.1')
  for (const path of ['/state', '/containers', '/monitor/statistics']) {
    expect(text(await ask(host, 'GET', path))).not.toContain('MARKER_ENV')
  }
  const headers = { 'content-type': 'application/json' }
  const executors = text(await ask(host, 'POST', '/api/v1', headers, '{"type":"GET_EXECUTORS"}'))
  expect([executors.includes('MARKER_ENV'), executors.includes('MARKER_CMD')]).toEqual([true, false])
})
