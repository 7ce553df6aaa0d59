import { readdirSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { JenkinsReading } from '../../src/core/jenkins-reading.ts'
import { JenkinsError } from '../../src/jenkins/errors.ts'
import { type Answer, answerOf, broken, computer, fixture, jsonAnswer, recorded, Script } from './recorded.ts'

const NO_COMPUTERS = jsonAnswer({ computer: [] })
const NO_ITEMS = jsonAnswer({ items: [] })

async function read(computers: Answer | string, queue: Answer | string, jobs?: Answer): Promise<JenkinsReading> {
  const script = new Script().on('GET', '/computer/api/json', computers).on('GET', '/queue/api/json', queue)
  if (jobs !== undefined) script.on('GET', '/api/json', jobs)
  try {
    return await script.jenkins.read()
  } finally {
    await script.end()
  }
}

async function readNodes(computers: Answer | string): Promise<JenkinsReading['nodes']> {
  return (await read(computers, 'queue-quiet-period')).nodes
}

describe('computers', () => {
  test('a build that runs is told with its URL below Jenkins', async () => {
    expect(await readNodes('computer-tree-busy')).toMatchObject([
      { name: 'Built-In Node', builtIn: true, executors: 0, labels: ['built-in'], idle: true, offline: false },
      {
        name: 'agent-1',
        builtIn: false,
        description: 'lab agent',
        labels: ['mesos'],
        idle: false,
        offline: false,
        running: [
          { url: expect.stringMatching(/^job\/mesos-[a-z]+\/\d+\/$/), name: expect.stringContaining('mesos-') },
        ],
      },
    ])
  })

  test.each([
    ['computer-builtin-only', 0],
    ['computer-busy-depth1', 1],
    ['computer-busy-depth2', 1],
    ['computer-tree-idle', 0],
    ['computer-tree-never-connected', 0],
    ['computer-tree-deleted-while-building', 0],
    ['computer-tree-deleted-while-building-5s', 0],
    ['computer-one-never-connected', 0],
    ['computer-one-never-connected-depth1', 0],
    ['full-anonread-computer-anonymous', 0],
  ])('%s: one built-in node and %i running builds', async (name, running) => {
    const nodes = await readNodes(name)
    expect(nodes.filter((node) => node.builtIn)).toHaveLength(1)
    expect(nodes[0]?.builtIn).toBe(true)
    expect(nodes.flatMap((node) => node.running)).toHaveLength(running)
    for (const node of nodes) expect(node.idle).toBe(node.running.length === 0)
  })

  test('a node is not idle where Jenkins shows no build but says that it is busy', async () => {
    // Recorded at depth 0, where the executors are empty objects.
    const agent = (await readNodes('computer-busy')).find((node) => !node.builtIn)
    expect(agent).toMatchObject({ idle: false, running: [] })
    expect((await readNodes('computer-builtin-with-executor'))[0]).toMatchObject({ builtIn: true, idle: false })
  })

  test('gzip is read', async () => {
    const { nodes } = await read('computer-gzip', 'queue-quiet-period')
    expect(nodes.length).toBeGreaterThan(0)
  })

  test.each([
    ['computer-one-temporarily-offline', { offlineReason: 'scaled down', temporarilyOffline: true, idle: true }],
    ['computer-one-temporarily-offline-no-message', { offlineReason: '', temporarilyOffline: true }],
    ['computer-one-agent-killed', { offlineReason: 'Connection was broken', offline: true, temporarilyOffline: false }],
    ['computer-one-agent-killed-2s', { offline: true, temporarilyOffline: false }],
    ['computer-one-agent-sigterm-tcp', { offline: true, temporarilyOffline: false }],
    ['computer-one-agent-sigterm-ws', { offline: true, temporarilyOffline: false }],
    ['computer-one-disconnected-1s', { offline: true, temporarilyOffline: false }],
    ['computer-one-after-restart', { temporarilyOffline: false }],
    ['computer-one-after-restart-tcp-temp-offline', { temporarilyOffline: true }],
    ['computer-one-after-restart-tcp-reconnected', { offline: true, temporarilyOffline: true }],
    ['computer-one-frozen-fz-tcp', { name: 'fz-tcp' }],
    ['computer-one-frozen-fz-ws', { name: 'fz-ws' }],
    ['computer-offline-cause-lang-de', { offlineReason: 'mesos: drain "ü" 100%' }],
    ['computer-odd-labels', { labels: ['!y', '(x)', 'a||b', 'min-5b', 'q'] }],
    ['full-anonread-computer-one', { builtIn: false }],
    ['computer-one-busy-depth1', { idle: false, running: [{ url: expect.stringMatching(/^job\/[a-z-]+\/\d+\/$/) }] }],
    ['computer-one-disconnected-14s', { offline: false }],
    ['computer-one-three-executors', { executors: 3, name: 'agent-1' }],
  ])('%s', async (name, expected) => {
    // Some were recorded with fewer fields than are asked for.
    const [node] = await readNodes(jsonAnswer({ computer: [computer(recorded(name).response.json as object)] }))
    expect(node).toMatchObject(expected)
  })

  test('builds go on while a node is temporarily offline', async () => {
    const told = recorded('computer-one-draining').response.json as object
    const [node] = await readNodes(jsonAnswer({ computer: [computer(told)] }))
    expect(node).toMatchObject({
      idle: false,
      temporarilyOffline: true,
      running: [{ url: 'job/conc-job/1/' }, { url: 'job/conc-job/3/' }],
    })
  })

  test.each([
    [
      'a flyweight task',
      { oneOffExecutors: [{ idle: false, currentExecutable: { url: 'http://x/ci/job/a/job/b/7/' } }] },
      'job/a/job/b/7/',
    ],
    [
      'a step that shows nothing',
      { executors: [{ idle: false, number: 2, currentExecutable: {} }] },
      'agent-1/executor/2',
    ],
    [
      'a step with a name only',
      { executors: [{ currentExecutable: { displayName: 'part of p #3' } }] },
      'part of p #3',
    ],
  ])('%s counts as running', async (_, told, url) => {
    const [node] = await readNodes(jsonAnswer({ computer: [computer(told)] }))
    expect(node).toMatchObject({ idle: false, running: [{ url }] })
  })

  test('an executor that has taken a build but not begun it keeps the node from being idle', async () => {
    const [node] = await readNodes(
      jsonAnswer({ computer: [computer({ executors: [{ idle: false, currentExecutable: null }] })] }),
    )
    expect(node).toMatchObject({ idle: false, running: [] })
  })

  test('an agent that somebody named like the built-in node is not it', async () => {
    const nodes = await readNodes(
      jsonAnswer({ computer: [computer({ displayName: 'Built-In Node' }), computer({ displayName: '(built-in)' })] }),
    )
    expect(nodes.map((node) => node.builtIn)).toEqual([false, false])
  })

  test('a controller of 2011 tells less, and what it does not tell is not made up', async () => {
    const old = { executors: [{}], idle: true, numExecutors: 1, offline: true, offlineCause: {}, oneOffExecutors: [] }
    const headers = { 'x-hudson': '1.395' }
    const reading = await read(
      jsonAnswer(
        {
          computer: [
            {
              ...old,
              displayName: 'master',
              numExecutors: 2,
              executors: [{}, {}],
              offline: false,
              temporarilyOffline: false,
            },
            { ...old, displayName: 'anchor-linux', description: 'an anchor', temporarilyOffline: true },
            { ...old, displayName: 'odd', assignedLabels: [{}], temporarilyOffline: false },
          ],
        },
        headers,
      ),
      jsonAnswer(
        {
          items: [
            {
              blocked: false,
              buildable: true,
              buildableStartMilliseconds: 1_300_000_000_000,
              stuck: true,
              task: { name: 'lab', url: 'http://ci.test/job/lab/' },
              why: "All nodes of label 'linux' are offline",
            },
            { blocked: false, buildable: true, buildableStartMilliseconds: 1_300_000_000_000, task: { name: 'lab' } },
            { blocked: true, buildable: false, stuck: false, task: { name: 'own' }, why: 'Build #1 is in progress' },
            { blocked: false, buildable: false, stuck: false, task: { name: 'quiet' }, why: 'In the quiet period' },
          ],
        },
        headers,
      ),
    )
    expect(reading).toMatchObject({ version: '1.395', session: undefined, seesJobs: true })
    expect(reading.nodes).toMatchObject([
      { name: 'master', builtIn: true, executors: 2, labels: undefined },
      { name: 'anchor-linux', builtIn: false, description: 'an anchor', temporarilyOffline: true, offlineReason: '' },
      { name: 'odd', labels: undefined },
    ])
    expect(reading.queue).toMatchObject([
      { id: 'lab@1300000000000', buildable: true, blocked: false, stuck: true, queuedSince: undefined },
      { id: 'lab@1300000000000#2', buildable: true },
      { id: 'own@waiting', buildable: false, blocked: true },
      { id: 'quiet@waiting', buildable: false, blocked: false },
    ])
  })
})

describe('queue', () => {
  const files = readdirSync(new URL('../fixtures/jenkins/', import.meta.url))
    .filter((file) => /^(?:queue-|open-queue|startup-done-queue|perm-no-job-read-queue|full-anonread-queue)/.test(file))
    .map((file) => file.replace('.json', ''))
    .filter((name) => Array.isArray((recorded(name).response.json as { items?: unknown } | undefined)?.items))

  test('there are recordings', () => {
    expect(files.length).toBeGreaterThan(40)
  })

  test.each(files)('%s: every item is told', async (name) => {
    const { items } = recorded(name).response.json as {
      items: readonly { id: number; why: string | null; _class: string; stuck?: boolean; task?: { name: string } }[]
    }
    const { queue } = await read(NO_COMPUTERS, name, items.length === 0 ? jsonAnswer({ jobs: [{}] }) : undefined)
    expect(queue.map(({ id, why, stuck }) => ({ id, why, stuck }))).toEqual(
      items.map((item) => ({ id: String(item.id), why: item.why ?? undefined, stuck: item.stuck ?? false })),
    )
    expect(queue.map((item) => item.buildable)).toEqual(items.map((item) => item._class.endsWith('$BuildableItem')))
    expect(queue.map((item) => item.blocked)).toEqual(items.map((item) => item._class.endsWith('$BlockedItem')))
  })

  const whys = fixture('why-strings') as readonly {
    why: string
    itemClass: string
    stuck: boolean | null
    blocked: boolean | null
    buildable: boolean | null
    acceptLanguage: string
  }[]

  test.each(whys.map((shape) => [shape.acceptLanguage, shape.why, shape] as const))(
    'why in %j: %s',
    async (_, why, shape) => {
      const item = {
        _class: `hudson.model.Queue$${shape.itemClass}`,
        id: 4,
        why,
        task: { name: 'j', url: 'http://ci.test/job/j/' },
        ...(shape.stuck !== null && { stuck: shape.stuck, blocked: shape.blocked, buildable: shape.buildable }),
      }
      const { queue } = await read(NO_COMPUTERS, jsonAnswer({ items: [item] }))
      expect(queue).toMatchObject(
        shape.itemClass === 'LeftItem'
          ? []
          : [{ id: '4', why, stuck: shape.stuck ?? false, buildable: shape.itemClass === 'BuildableItem', job: 'j' }],
      )
    },
  )

  test('an item that has left the queue is none', async () => {
    const left = recorded('queue-item-left-executing').response.json
    const { queue } = await read(NO_COMPUTERS, jsonAnswer({ items: [left] }), jsonAnswer({ jobs: [{ name: 'a' }] }))
    expect(queue).toEqual([])
  })

  test('the label expression and the full name of a job are told', async () => {
    const item = {
      _class: 'hudson.model.Queue$BuildableItem',
      id: 9,
      pending: true,
      task: { name: 'app', fullName: 'team/app', url: 'http://ci/job/team/job/app/', labelExpression: 'linux && gpu' },
      inQueueSince: 5,
      buildableStartMilliseconds: 6,
    }
    const { queue } = await read(NO_COMPUTERS, jsonAnswer({ items: [item] }))
    expect(queue).toEqual([
      {
        id: '9',
        job: 'team/app',
        jobUrl: 'http://ci/job/team/job/app/',
        why: undefined,
        stuck: false,
        blocked: false,
        buildable: true,
        pending: true,
        buildableSince: 6,
        queuedSince: 5,
        labelExpression: 'linux && gpu',
      },
    ])
  })

  test('a step of a pipeline may have no task that is worth the name', async () => {
    const item = { _class: 'hudson.model.Queue$BuildableItem', id: 3, task: { _class: 'x$PlaceholderTask' }, why: null }
    expect((await read(NO_COMPUTERS, jsonAnswer({ items: [item] }))).queue).toMatchObject([
      { id: '3', buildable: true },
    ])
  })
})

describe('what cannot be understood is an error, never an empty list', () => {
  test.each<[string, Answer, Answer]>([
    ['no computers', jsonAnswer({}), NO_ITEMS],
    ['a computer without executors', jsonAnswer({ computer: [computer({ executors: undefined })] }), NO_ITEMS],
    ['a computer without a name', jsonAnswer({ computer: [computer({ displayName: null })] }), NO_ITEMS],
    ['no items', NO_COMPUTERS, jsonAnswer({})],
    ['items of another kind', NO_COMPUTERS, jsonAnswer({ items: [{ id: 1 }] })],
    ['an item that is a word', NO_COMPUTERS, jsonAnswer({ items: ['x'] })],
    ['null', NO_COMPUTERS, jsonAnswer(null)],
    ['JSON cut short', NO_COMPUTERS, { status: 200, body: '{"items":[' }],
    ['an empty answer', NO_COMPUTERS, { status: 200, body: '' }],
  ])('%s', async (_, computers, queue) => {
    const script = new Script().on('GET', '/computer/', computers)
    if (computers === NO_COMPUTERS) script.on('GET', '/queue/', queue)
    await expect(script.jenkins.read()).rejects.toMatchObject({ code: 'JENKINS_MALFORMED', retryable: false })
    await script.end()
  })
})

describe('one reading', () => {
  test('asks for computers, then for the queue, in English, and no more while something waits', async () => {
    const script = new Script()
      .on('GET', '/computer/', 'computer-tree-idle')
      .on('GET', '/queue/', 'queue-label-no-nodes')
    const reading = await script.jenkins.read()
    expect(script.requests).toEqual(['GET /computer/api/json', 'GET /queue/api/json'])
    for (const { headers } of script.seen) expect(headers).toMatchObject({ 'accept-language': 'en' })
    expect(reading).toMatchObject({ readAt: script.clock.now(), version: '2.541.3', seesJobs: true })
    expect(reading.session).toBe('9e89efe9')
    await script.end()
  })

  test.each([
    ['a job', { jobs: [{ name: 'a' }] }, true],
    ['a job behind an empty folder', { jobs: [{ name: 'f', jobs: [] }, { name: 'a' }] }, true],
    ['a folder with something in it', { jobs: [{ name: 'f', jobs: [{ name: 'a' }] }] }, true],
    ['only a folder of which nothing is seen', { jobs: [{ name: 'f', jobs: [] }] }, false],
    ['nothing', { jobs: [] }, false],
  ])('an empty queue of a user who sees %s', async (_, jobs, seesJobs) => {
    expect(await read('computer-tree-idle', 'perm-no-job-read-queue', jsonAnswer(jobs))).toMatchObject({
      queue: [],
      seesJobs,
    })
  })

  test('whether jobs are seen is asked at most once a minute, and again after a restart of Jenkins', async () => {
    const script = new Script()
    const round = async (headers?: Record<string, string>): Promise<boolean> => {
      script
        .on('GET', '/computer/', jsonAnswer({ computer: [] }, headers))
        .on('GET', '/queue/', jsonAnswer({ items: [] }, headers))
      return (await script.jenkins.read()).seesJobs
    }
    script.on('GET', '/api/json', jsonAnswer({ jobs: [{ name: 'a' }] }))
    expect(await round()).toBe(true)
    await script.clock.advance(59_999)
    expect(await round()).toBe(true)
    await script.clock.advance(1)
    script.on('GET', '/api/json', jsonAnswer({ jobs: [] }))
    expect(await round()).toBe(false)
    const restarted = { 'x-jenkins': '2.541.3', 'x-jenkins-session': 'other' }
    script.on('GET', '/api/json', jsonAnswer({ jobs: [{ name: 'a' }] }, restarted))
    expect(await round(restarted)).toBe(true)
    await script.end()
  })

  test('an item in the queue shows a job: a queue that is empty after it was worked off is known to be empty', async () => {
    const script = new Script()
    const round = async (items: readonly unknown[]): Promise<boolean> => {
      script.on('GET', '/computer/', jsonAnswer({ computer: [] })).on('GET', '/queue/', jsonAnswer({ items }))
      return (await script.jenkins.read()).seesJobs
    }
    script.on('GET', '/api/json', jsonAnswer({ jobs: [] }))
    expect(await round([])).toBe(false)
    expect(await round([{ id: 1, buildable: true, blocked: false }])).toBe(true)
    expect(await round([])).toBe(true)
    await script.end()
  })

  test('a restart between the two requests spoils the reading', async () => {
    const script = new Script()
      .on('GET', '/computer/', NO_COMPUTERS)
      .on(
        'GET',
        '/queue/',
        jsonAnswer({ items: [{ id: 1, buildable: true, blocked: false }] }, { 'x-jenkins-session': 'b' }),
      )
    await expect(script.jenkins.read()).rejects.toMatchObject({ code: 'JENKINS_UNAVAILABLE', retryable: true })
    await script.end()
  })

  test('a reading of which the second half fails is none', async () => {
    const script = new Script().on('GET', '/computer/', NO_COMPUTERS).on('GET', '/queue/', broken('ECONNREFUSED'))
    await expect(script.jenkins.read()).rejects.toBeInstanceOf(JenkinsError)
    await script.end()
  })

  test('a farm of 2,000 nodes and 10,000 items is read', async () => {
    const nodes = Array.from({ length: 2_000 }, (_, index) => computer({ displayName: `agent-${index}` }))
    const item = { ...(recorded('queue-label-no-nodes').response.json as { items: object[] }).items[0] }
    const items = Array.from({ length: 10_000 }, (_, index) => ({ ...item, id: index }))
    const reading = await read(jsonAnswer({ computer: nodes }), jsonAnswer({ items }))
    expect(reading.nodes).toHaveLength(2_000)
    expect(new Set(reading.queue.map(({ id }) => id)).size).toBe(10_000)
  })

  test('Jenkins is still starting after it was not reachable, and then is there', async () => {
    const script = new Script()
    const outcomes: unknown[] = []
    for (const answer of [
      broken('ECONNREFUSED'),
      'startup-1-token-503',
      answerOf('startup-2-anon-503'),
      NO_COMPUTERS,
    ]) {
      script.on('GET', '/computer/', answer)
      if (answer === NO_COMPUTERS)
        script.on('GET', '/queue/', 'startup-done-queue').on('GET', '/api/json', jsonAnswer({ jobs: [] }))
      outcomes.push(
        await script.jenkins.read().then(
          () => 'read',
          (error: unknown) => (error as JenkinsError).code,
        ),
      )
    }
    expect(outcomes).toEqual(['JENKINS_UNREACHABLE', 'JENKINS_UNAVAILABLE', 'JENKINS_UNAVAILABLE', 'read'])
  })
})
