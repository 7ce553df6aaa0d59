/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { gunzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { ask, Client, headerOf, type Json, json, recorded, task, text, type World, world } from './client.ts'

const INFO = recorded('14a-agent-containers')
let there: World
let client: Client

beforeEach(async () => {
  there = await world({
    hosts: [
      {
        hostname: '127.0.0.1',
        authority: '127.0.0.1:5051',
        resources: { cpus: 4, memMib: 4096, diskMib: 8192, ports: [{ begin: 31000, end: 31200 }] },
        attributes: { os: 'linux', rack: 'r5051' },
      },
    ],
    masterAuthority: '127.0.0.1:5050',
  })
  client = await Client.subscribe(there)
  await client.accept(
    [
      task('s14', 'echo MARKER_CMD_4712; sleep 60', {
        name: 'MARKER_NAME_4717',
        resources: [
          { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } },
          { name: 'mem', type: 'SCALAR', scalar: { value: 128 } },
        ],
        labels: { labels: [{ key: 'l', value: 'MARKER_LABEL_4714' }] },
        discovery: { visibility: 'FRAMEWORK', name: 'MARKER_DISC_4716' },
      }),
    ],
    { refuse: 3_600 },
  )
  await there.clock.advance(1_000)
  there.runner.usageOf = {
    at: there.clock.now(),
    cpuUserSeconds: 0.57,
    cpuSystemSeconds: 0.07,
    memRssBytes: 403869696,
    processes: 2,
  }
})

/** Numbers that differ from run to run and ids masked, keys kept. */
function shape(value: Json): Json {
  return JSON.parse(
    JSON.stringify(value, (key, own) => (/time|stamp|pid$/.test(key) && typeof own === 'number' ? 0 : own))
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:-(?:S|O)?\d+)?/g, 'ID')
      .replaceAll(/"directory":"[^"]*"/g, '"directory":""'),
  )
}

const BUILD = ['git_sha', 'git_branch', 'build_date', 'build_time', 'build_user', 'completed_frameworks']

function without(value: Json, keys: readonly string[] = BUILD): Json {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
}

describe('a page of the host is the recorded one', () => {
  test.each([
    ['/containers', '14a-agent-containers'],
    ['/slave(1)/containers', '14a-agent-containers'],
    ['/slave%281%29/containers', '14a-agent-containers'],
    ['/monitor/statistics', '14b-agent-monitor-statistics'],
  ])('%s', async (path, name) => {
    const page = await json(there.mesos.hostHandler('127.0.0.1'), path)

    expect(shape(page)).toEqual(shape(recorded(name).response.body_json))
    expect(JSON.stringify(shape(page)[0].statistics)).toBe(
      JSON.stringify(shape(recorded(name).response.body_json)[0].statistics),
    )
  })

  test('/state', async () => {
    const page = await json(there.mesos.hostHandler('127.0.0.1'), '/slave(1)/state')
    const told = recorded('14c-agent-state').response.body_json

    expect(shape(without(page))).toEqual(shape(without(told, [...BUILD, 'master_hostname'])))
  })

  test('GET_CONTAINERS', async () => {
    const { request, response } = recorded('14i-operator-GET_CONTAINERS')
    const handler = there.mesos.hostHandler('127.0.0.1')
    const headers = { 'content-type': 'application/json' }
    const page = JSON.parse(text(await ask(handler, 'POST', request.path, headers, JSON.stringify(request.body))))

    expect(shape(page)).toEqual(shape(response.body_json))
  })

  test('GET_EXECUTORS shows environment and URIs to everybody, and not the command', async () => {
    const environment = { variables: [{ name: 'A', value: 'ENV2_MARKER' }] }
    await client.send({ type: 'REVIVE' })
    const command = { shell: true, value: 'sleep 60', environment, uris: [{ value: 'file:///URI2_MARKER' }] }
    await client.accept([task('c1', '', { command })])
    const handler = there.mesos.hostHandler('127.0.0.1')
    const headers = { 'content-type': 'application/json' }
    const { get_executors } = JSON.parse(
      text(await ask(handler, 'POST', '/slave(1)/api/v1', headers, '{"type":"GET_EXECUTORS"}')),
    )

    expect(get_executors.executors.at(-1)).toMatchObject({
      executor_info: {
        executor_id: { value: 'c1' },
        framework_id: { value: client.frameworkId },
        command: {
          uris: [{ value: 'file:///URI2_MARKER', extract: true }],
          environment: { variables: [{ name: 'A', type: 'VALUE', value: 'ENV2_MARKER' }] },
          shell: false,
        },
        name: "Command Executor (Task: c1) (Command: sh -c 'sleep 60')",
      },
    })
  })

  test.each(
    recorded('14n-containers-filters-and-rate')
      .exchanges.filter(({ request }: Json) => request.path.startsWith('/containers'))
      .map(({ request, response }: Json) => [request.path, response]) as [string, Json][],
  )('%s', async (path: string, response: Json) => {
    const handler = there.mesos.hostHandler('127.0.0.1')
    const [{ container_id, framework_id }] = await json(handler, '/containers')
    const [{ container_id: container, framework_id: framework }] = INFO.response.body_json
    const answer = await ask(handler, 'GET', path.replace(container, container_id).replace(framework, framework_id))

    expect(answer.status).toBe(response.status)
    if (answer.status === 400) expect(text(answer)).toBe(response.body)
    else expect(JSON.parse(text(answer))).toHaveLength(JSON.parse(response.body).length)
  })

  test('/monitor/statistics lets two a second through, the others wait', async () => {
    const handler = there.mesos.hostHandler('127.0.0.1')
    const begun = there.clock.now()
    const answered: number[] = []
    const all = [1, 2, 3].map(async () => {
      await ask(handler, 'GET', '/monitor/statistics')
      answered.push(there.clock.now() - begun)
    })
    await there.clock.advance(2_000)
    await Promise.all(all)

    expect(answered).toEqual([0, 500, 1_000])
  })

  test('the host is picked by the Host header where all share a listener', async () => {
    expect((await ask(there.mesos.hostsHandler, 'GET', '/health', { host: '127.0.0.1:5051' })).status).toBe(200)
    const wrong = await ask(there.mesos.hostsHandler, 'GET', '/health', { host: 'other:1' })
    expect([wrong.status, text(wrong)]).toEqual([
      404,
      "No embedded host answers to Host 'other:1'; there are 127.0.0.1:5051",
    ])
  })
})

describe('a page of the master is the recorded one', () => {
  test('/master/state', async () => {
    const page = await json(there.mesos.masterHandler, '/master/state')
    const told = recorded('14d-master-state').response.body_json

    expect(shape(without(page))).toEqual(shape(without(told)))
  })

  test('/master/slaves', async () => {
    const page = await json(there.mesos.masterHandler, '/master/slaves')
    const told = recorded('14f-master-slaves').response.body_json

    expect(shape(page)).toEqual(shape(told))
  })

  test('/master/tasks', async () => {
    const page = await json(there.mesos.masterHandler, '/master/tasks')

    expect(shape(page.tasks[0])).toEqual(shape(recorded('14e-master-tasks').response.body_json.tasks[0]))
    expect((await json(there.mesos.masterHandler, '/tasks?task_id=other')).tasks).toEqual([])
  })

  test('/metrics/snapshot has the recorded names, and what the framework does moves them', async () => {
    const told = recorded('14g-master-metrics').response.body_json
    const page = await json(there.mesos.masterHandler, '/metrics/snapshot')
    const names = shape(Object.fromEntries(Object.keys(told).map((name) => [name, 0])))

    for (const name of Object.keys(shape(page))) expect(names).toHaveProperty([name])
    const own = `master/frameworks/rec/${client.frameworkId}`
    expect(page).toMatchObject({
      'master/elected': 1,
      'master/slaves_active': 1,
      'master/tasks_running': 1,
      'master/outstanding_offers': 0,
      'master/cpus_used': 1,
      'master/cpus_total': 4,
      [`${own}/roles/ci/suppressed`]: 0,
      [`${own}/calls/accept`]: 1,
      [`${own}/calls/acknowledge`]: 2,
    })
    await client.send({ type: 'SUPPRESS' })
    expect((await json(there.mesos.masterHandler, '/metrics/snapshot'))[`${own}/roles/ci/suppressed`]).toBe(1)
  })

  test('outstanding offers stand with their framework', async () => {
    await client.send({ type: 'REVIVE' })
    const { frameworks } = await json(there.mesos.masterHandler, '/master/frameworks')

    expect(frameworks[0].offers).toMatchObject([{ id: client.lastOffer.id.value, resources: { cpus: 3, mem: 3968 } }])
  })

  test('long pages are compressed for who accepts it', async () => {
    const answer = await ask(there.mesos.masterHandler, 'GET', '/master/state', { 'accept-encoding': 'gzip, deflate' })

    expect(headerOf(answer, 'Content-Encoding')).toBe('gzip')
    expect(JSON.parse(gunzipSync(answer.body as Buffer).toString())).toMatchObject({ version: '1.12.0' })
  })
})

test('snapshot, isIdle and the log of calls follow what happens', async () => {
  expect(there.mesos.isIdle()).toBe(false)
  await client.send({ type: 'SUPPRESS' })
  await client.send({ type: 'KILL', kill: { task_id: { value: 's14' } } })
  await there.clock.advance(2_000)

  expect(there.mesos.isIdle()).toBe(true)
  expect(there.mesos.calls.map(({ type }) => type)).toEqual([
    'SUBSCRIBE',
    'ACCEPT',
    'ACKNOWLEDGE',
    'ACKNOWLEDGE',
    'SUPPRESS',
    'KILL',
    'ACKNOWLEDGE',
    'ACKNOWLEDGE',
  ])
})
