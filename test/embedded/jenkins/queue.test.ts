import { describe, expect, test } from '@jest/globals'
import { Rig } from './rig.ts'

interface Situation {
  readonly nodes?: readonly (readonly [name: string, labels: string, more?: Record<string, unknown>])[]
  readonly connected?: readonly string[]
  /** Builds that run before, by the label that brings them to their node. */
  readonly busy?: readonly string[]
  readonly label?: string
  readonly why: string
  readonly stuck: boolean
}

const SITUATIONS: readonly (readonly [string, Situation])[] = [
  ['a label and no agent at all', { label: 'mesos', why: 'Waiting for next available executor', stuck: true }],
  ['no label and no agent at all', { why: 'Waiting for next available executor', stuck: false }],
  [
    'a label that no node has',
    { nodes: [['a', '']], label: 'mesos', why: 'There are no nodes with the label ‘mesos’', stuck: true },
  ],
  ['one offline node', { nodes: [['a', 'mesos']], label: 'mesos', why: '‘a’ is offline', stuck: true }],
  [
    'two offline nodes',
    {
      nodes: [
        ['a', 'mesos'],
        ['b', 'mesos'],
      ],
      label: 'mesos',
      why: 'All nodes of label ‘mesos’ are offline',
      stuck: true,
    },
  ],
  [
    'only ghosts',
    {
      nodes: [
        ['a', 'mesos', { numExecutors: '0' }],
        ['b', 'mesos', { numExecutors: 'x' }],
      ],
      label: 'mesos',
      why: 'All nodes of label ‘mesos’ are offline',
      stuck: true,
    },
  ],
  [
    'one busy node',
    {
      nodes: [['a', 'mesos']],
      connected: ['a'],
      busy: ['a'],
      label: 'mesos',
      why: 'Waiting for next available executor on ‘a’',
      stuck: false,
    },
  ],
  [
    'two busy nodes',
    {
      nodes: [
        ['a', 'mesos'],
        ['b', 'mesos'],
      ],
      connected: ['a', 'b'],
      busy: ['a', 'b'],
      label: 'mesos',
      why: 'Waiting for next available executor on ‘mesos’',
      stuck: false,
    },
  ],
  [
    'one of two nodes online and busy',
    {
      nodes: [
        ['a', 'mesos'],
        ['b', 'mesos'],
      ],
      connected: ['a'],
      busy: ['a'],
      label: 'mesos',
      why: 'Waiting for next available executor on ‘mesos’',
      stuck: false,
    },
  ],
  [
    'no label and an idle exclusive node',
    {
      nodes: [['a', 'mesos']],
      connected: ['a'],
      why: '‘a’ is reserved for jobs with matching label expression',
      stuck: false,
    },
  ],
  [
    'an expression with blanks',
    {
      nodes: [['a', '']],
      label: 'linux && (gpu || !arm)',
      why: 'There are no nodes with the label ‘linux&&(gpu||!arm)’',
      stuck: true,
    },
  ],
  [
    'a quoted label',
    { nodes: [['a', '']], label: '"my label"', why: 'There are no nodes with the label ‘my label’', stuck: true },
  ],
  [
    'an expression that cannot be read',
    {
      nodes: [['a', '']],
      label: 'bad label expr(',
      why: 'There are no nodes with the label ‘bad label expr(’',
      stuck: true,
    },
  ],
  [
    'a negation, which the built-in node matches',
    {
      nodes: [['a', 'linux']],
      label: '!linux',
      why: 'Waiting for next available executor on ‘Built-In Node’',
      stuck: false,
    },
  ],
  [
    'an expression that one of two anchors matches',
    {
      nodes: [
        ['anchor-linux', 'linux'],
        ['anchor-docker', 'linux docker'],
      ],
      label: 'linux&&docker',
      why: '‘anchor-docker’ is offline',
      stuck: true,
    },
  ],
]

test.each(SITUATIONS)('an item with %s says why it waits', async (_name, situation) => {
  const rig = await Rig.started()
  for (const [name, labels, more] of situation.nodes ?? []) await rig.addNode(name, labels, more)
  for (const name of situation.connected ?? []) await rig.connect(name)
  for (const node of situation.busy ?? []) {
    rig.jenkins.createJob({ name: `on-${node}`, label: node })
    rig.jenkins.build(`on-${node}`)
  }
  rig.jenkins.createJob({ name: 'job', ...(situation.label === undefined ? {} : { label: situation.label }) })
  rig.jenkins.build('job')
  expect(await rig.json('/queue/api/json?tree=items[why,stuck]')).toEqual({
    _class: 'hudson.model.Queue',
    items: [{ _class: 'hudson.model.Queue$BuildableItem', why: situation.why, stuck: situation.stuck }],
  })
})

describe('the queue', () => {
  test('tells the seconds of the quiet period, then builds', async () => {
    const rig = await Rig.started({ quietPeriodMs: 30_000 })
    rig.jenkins.createJob({ name: 'job', label: 'x' })
    await rig.addNode('a')
    await rig.call('POST', '/job/job/build')
    await rig.clock.advance(100)
    expect(await rig.why()).toEqual({ job: 'In the quiet period. Expires in 29 sec' })
    await rig.clock.advance(25_000)
    expect(await rig.why()).toEqual({ job: 'In the quiet period. Expires in 4.9 sec' })
    await rig.clock.advance(4900)
    expect(await rig.why()).toEqual({ job: 'There are no nodes with the label ‘x’' })
  })

  test('holds a job back whose own build runs, with the time that it will take', async () => {
    const rig = await Rig.started({ builtInExecutors: 2 })
    rig.jenkins.createJob({ name: 'job', durationMs: 20_000 })
    rig.jenkins.build('job')
    rig.jenkins.build('job')
    expect(await rig.why()).toEqual({ job: 'Build #1 is already in progress (ETA: N/A)' })
    await rig.clock.advance(20_000)
    expect(rig.jenkins.jobs[0]?.builds.map(({ result }) => result)).toEqual(['SUCCESS', null])
    await rig.clock.advance(15_100)
    rig.jenkins.build('job')
    expect(await rig.why()).toEqual({ job: 'Build #2 is already in progress (ETA: 4.9 sec)' })
  })

  test('takes a second build of a waiting job for the first one', async () => {
    const rig = await Rig.started()
    rig.jenkins.createJob({ name: 'job' })
    const first = await rig.call('POST', '/job/job/build')
    const second = await rig.call('POST', '/job/job/build')
    expect(second.header('location')).toBe(first.header('location'))
    expect(rig.jenkins.queue).toHaveLength(1)
  })

  test('says nothing but that it shuts down, and starts nothing then', async () => {
    const rig = await Rig.started({ builtInExecutors: 1 })
    rig.jenkins.createJob({ name: 'job' })
    rig.jenkins.quietDown('upgrade')
    rig.jenkins.build('job')
    expect(await rig.why()).toEqual({ job: 'Jenkins is about to shut down' })
    rig.jenkins.quietDown(undefined)
    expect(rig.jenkins.queue).toEqual([])
  })

  test('joins a veto with what other idle nodes have against the item', async () => {
    const rig = await Rig.started()
    for (const name of ['anchor', 'b', 'c', 'd', 'e', 'f']) await rig.addNode(name, 'other')
    await rig.addNode('agent', 'mesos')
    await rig.connect('agent')
    rig.jenkins.veto((_item, _job, computer) => (computer.node.name === 'agent' ? 'A throttle says no' : undefined))
    rig.jenkins.createJob({ name: 'job', label: 'mesos' })
    rig.jenkins.build('job')
    expect(await rig.why()).toEqual({
      job: `A throttle says no; ${['anchor', 'b', 'c', 'd'].map((name) => `‘${name}’ doesn’t have label ‘mesos’`).join('; ')}; ... and 2 more`,
    })
    rig.jenkins.veto(undefined)
    expect(rig.jenkins.queue).toEqual([])
  })

  test('leaves a node alone that does not accept tasks', async () => {
    const rig = await Rig.started()
    await rig.addNode('a', 'mesos', { mode: 'NORMAL' })
    await rig.connect('a')
    rig.jenkins.acceptTasks('a', false)
    rig.jenkins.createJob({ name: 'job', label: 'mesos' })
    rig.jenkins.build('job')
    expect(await rig.why()).toEqual({ job: 'Waiting for next available executor on ‘a’' })
  })

  test('goes by the label of the item where a parameter gave it one', async () => {
    const rig = await Rig.started()
    await rig.addNode('anchor-docker', 'docker')
    await rig.addNode('anchor-linux', 'linux')
    rig.jenkins.createJob({ name: 'job', label: 'linux' })
    rig.jenkins.build('job', { label: 'docker' })
    expect(await rig.json('/queue/api/json?tree=items[why,task[labelExpression]]')).toMatchObject({
      items: [{ why: '‘anchor-docker’ is offline', task: { labelExpression: 'linux' } }],
    })
  })

  test('calls an item stuck that waits out of all proportion', async () => {
    const rig = await Rig.started({ builtInExecutors: 1 })
    rig.jenkins.createJob({ name: 'short', durationMs: 1000 })
    rig.jenkins.build('short')
    await rig.clock.advance(1000)
    rig.jenkins.createJob({ name: 'long', durationMs: 3_600_000 })
    rig.jenkins.build('long')
    rig.jenkins.build('short')
    await rig.clock.advance(600_000)
    expect(await rig.json('/queue/api/json?tree=items[stuck]')).toMatchObject({ items: [{ stuck: false }] })
    await rig.clock.advance(1)
    expect(await rig.json('/queue/api/json?tree=items[stuck]')).toMatchObject({ items: [{ stuck: true }] })
  })

  test('shows a pending item until its build begins', async () => {
    const rig = await Rig.started({ builtInExecutors: 1, pendingMs: 50 })
    rig.jenkins.createJob({ name: 'job', durationMs: 1000 })
    rig.jenkins.build('job')
    expect(await rig.json('/queue/api/json?tree=items[pending,buildable]')).toMatchObject({
      items: [{ pending: true, buildable: true }],
    })
    await rig.clock.advance(50)
    expect(rig.jenkins.queue).toEqual([])
  })

  test('cancels an item, and remembers it for five minutes', async () => {
    const rig = await Rig.started()
    rig.jenkins.createJob({ name: 'job' })
    const id = rig.jenkins.build('job')
    expect((await rig.call('POST', `/queue/cancelItem?id=${id}`, { user: 'sidecar' })).status).toBe(422)
    expect((await rig.call('POST', `/queue/cancelItem?id=${id}`)).status).toBe(204)
    expect(await rig.json(`/queue/item/${id}/api/json`)).toMatchObject({ cancelled: true, why: null, executable: null })
    await rig.clock.advance(300_001)
    expect((await rig.call('GET', `/queue/item/${id}/api/json`)).status).toBe(404)
  })

  test('drops the items of a job that is disabled', async () => {
    const rig = await Rig.started()
    rig.jenkins.createJob({ name: 'job' })
    rig.jenkins.build('job')
    expect((await rig.call('POST', '/job/job/disable')).status).toBe(302)
    expect(rig.jenkins.queue).toEqual([])
    expect((await rig.call('POST', '/job/job/build')).status).toBe(409)
  })

  test('speaks German where it is asked to and can', async () => {
    const rig = await Rig.started()
    await rig.addNode('a')
    rig.jenkins.createJob({ name: 'job', label: 'mesos' })
    rig.jenkins.build('job')
    const why = await rig.why({ headers: { 'accept-language': 'de' } })
    expect(why).toEqual({ job: 'Es gibt keine Knoten mit dem Label „mesos“' })
  })
})
