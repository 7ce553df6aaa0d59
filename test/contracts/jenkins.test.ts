import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Agent, type Dispatcher, request } from 'undici'
import type { QueueItem } from '../../src/core/jenkins-reading.ts'
import type { Connection } from '../../src/core/launch.ts'
import { describeAnchor, isOurOffline, OFFLINE_MARKER, offlineReason } from '../../src/core/markers.ts'
import { Jenkins } from '../../src/jenkins/jenkins.ts'
import type { NodeSpec } from '../../src/loop/ports.ts'
import { systemClock } from '../../src/system-clock.ts'
import { launchOf } from '../mesos/launches.ts'
import { until } from '../real/controller/process.ts'
import { JenkinsAdmin } from './jenkins-admin.ts'
import { type JenkinsSystem, missingForJobs, startJenkins } from './systems.ts'
import { describeIf, tellUnlessReal } from './variables.ts'

tellUnlessReal('TEST_JENKINS_URL', 'Jenkins')

const RUN = `contract-${randomBytes(4).toString('hex')}`
const WITHIN_MS = 30_000

describe('Jenkins as the program uses it', () => {
  let system: JenkinsSystem
  let jenkins: Jenkins
  let requests: number
  const made = new Set<string>()

  beforeAll(async () => {
    system = await startJenkins()
    jenkins = connectTo(system)
  })
  afterAll(async () => {
    try {
      for (const name of made) await jenkins.deleteNode(name)
      const { nodes } = await jenkins.read()
      expect(nodes.filter(({ name }) => name.includes(RUN))).toEqual([])
    } finally {
      await jenkins.close()
      await system.close()
    }
  })

  function connectTo({ url, user, token }: JenkinsSystem): Jenkins {
    const quiet = (): void => undefined
    const count: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
      requests++
      return dispatch(options, handler)
    }
    requests = 0
    return new Jenkins({
      url,
      user,
      token,
      clock: systemClock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      dispatcher: new Agent().compose(count),
    })
  }

  /** A node of this run. */
  function nodeOf(name: string, over: Partial<NodeSpec> = {}): NodeSpec {
    made.add(`${RUN}-${name}`)
    return {
      name: `${RUN}-${name}`,
      description: `made by ${RUN}`,
      remoteFs: '/tmp/contract',
      executors: 1,
      mode: 'EXCLUSIVE',
      labels: [],
      connection: 'auto',
      ...over,
    }
  }

  async function make(name: string, over: Partial<NodeSpec> = {}): Promise<string> {
    const node = nodeOf(name, over)
    expect(await jenkins.createNode(node)).toBe('created')
    return node.name
  }

  describe('nodes', () => {
    test('are made as they are described, and read as they were made', async () => {
      const node = nodeOf('made', { executors: 3, labels: [`${RUN}-a`, `${RUN}-b`], mode: 'NORMAL' })
      expect(await jenkins.createNode(node)).toBe('created')
      const read = await jenkins.readNode(node.name)
      expect(read).toMatchObject({
        name: node.name,
        builtIn: false,
        description: node.description,
        executors: 3,
        running: [],
        idle: true,
        offline: true,
        temporarilyOffline: false,
        offlineReason: '',
      })
      expect([...(read?.labels ?? [])].sort()).toEqual([...node.labels].sort())
    })

    test('that are there already are left as they are', async () => {
      const name = await make('twice', { description: 'the first' })
      expect(await jenkins.createNode(nodeOf('twice', { description: 'the second' }))).toBe('exists')
      expect(await jenkins.readNode(name)).toMatchObject({ description: 'the first' })
    })

    test('keep odd labels', async () => {
      const labels = ['a||b', '(x)', '!y', 'c++', 'größe']
      const name = await make('odd', { labels })
      expect(new Set((await jenkins.readNode(name))?.labels)).toEqual(new Set(labels))
    })

    test('with no executor are refused before Jenkins makes a ghost of them', async () => {
      await expect(jenkins.createNode({ ...nodeOf('ghost'), executors: 0 })).rejects.toMatchObject({
        code: 'JENKINS_REFUSED',
      })
      expect(await jenkins.readNode(`${RUN}-ghost`)).toBeUndefined()
    })

    test('with a name that Jenkins does not take are refused', async () => {
      await expect(jenkins.createNode({ ...nodeOf('x'), name: `${RUN}/slash` })).rejects.toMatchObject({
        code: 'JENKINS_REFUSED',
      })
    })

    test('are deleted, and then they are missing', async () => {
      const name = await make('gone')
      expect(await jenkins.deleteNode(name)).toBe('deleted')
      expect(await jenkins.readNode(name)).toBeUndefined()
      expect(await jenkins.deleteNode(name)).toBe('missing')
    })
  })

  describe('what an agent needs', () => {
    const ways: readonly [Connection, Connection, string][] = [
      ['auto', 'auto', 'websocket'],
      ['websocket', 'auto', 'websocket'],
      ['tcp', 'auto', 'tcp'],
      ['auto', 'tcp', 'tcp'],
      ['auto', 'jnlpUrl', 'jnlpUrl'],
    ]
    test.each(ways)('of a %s node, asked for %s: %s', async (ofNode, asked, connection) => {
      const name = await make(`secret-${ofNode}-${asked}`, { connection: ofNode })
      const secret = await jenkins.agentSecret(name, asked)
      expect(secret).toEqual({
        secret: expect.stringMatching(/^[0-9a-f]{64}$/),
        connection,
        url: system.url.href,
        jnlpUrl: `${system.url.href}computer/${name}/jenkins-agent.jnlp`,
        jarUrl: `${system.url.href}jnlpJars/agent.jar`,
        noReconnectAfter: true,
      })
    })

    test('is the same for a node made again, and another for each name', async () => {
      const [one, other] = [await make('same'), await make('other')]
      const { secret } = await jenkins.agentSecret(one, 'auto')
      expect((await jenkins.agentSecret(other, 'auto')).secret).not.toBe(secret)
      await jenkins.deleteNode(one)
      await make('same')
      expect((await jenkins.agentSecret(one, 'auto')).secret).toBe(secret)
    })

    test('the agent program is there without a login', async () => {
      const { jarUrl } = await jenkins.agentSecret(await make('jar'), 'auto')
      const { statusCode, body } = await request(jarUrl)
      expect(statusCode).toBe(200)
      expect((await body.arrayBuffer()).byteLength).toBeGreaterThan(1_000)
    })

    test('is not there for a missing node', async () => {
      await expect(jenkins.agentSecret(`${RUN}-none`, 'auto')).rejects.toMatchObject({ code: 'JENKINS_NOT_FOUND' })
    })
  })

  describe('offline', () => {
    const reason = offlineReason('idle for 180 s: nothing waits, 2 of 3 builds done')

    test('is set once, and told with its reason', async () => {
      const name = await make('offline')
      for (let time = 0; time < 2; time++) {
        expect(await jenkins.setOffline(name, reason)).toMatchObject({
          offline: true,
          temporarilyOffline: true,
          offlineReason: reason,
        })
      }
      const read = await jenkins.readNode(name)
      expect(isOurOffline(read?.offlineReason ?? '')).toBe(true)
      const all = await jenkins.read()
      expect(all.nodes.find((node) => node.name === name)).toEqual(read)
    })

    test('with our marker is lifted, and lifting it again does nothing', async () => {
      const name = await make('online')
      await jenkins.setOffline(name, reason)
      for (let time = 0; time < 2; time++) {
        expect(await jenkins.setOnline(name, OFFLINE_MARKER)).toMatchObject({ temporarilyOffline: false })
      }
    })

    test('of somebody else is left alone', async () => {
      const name = await make('theirs')
      await jenkins.setOffline(name, 'disk is being changed')
      const theirs = { temporarilyOffline: true, offlineReason: 'disk is being changed' }
      expect(await jenkins.setOnline(name, OFFLINE_MARKER)).toMatchObject(theirs)
      expect(await jenkins.setOffline(name, reason)).toMatchObject(theirs)
    })

    test('of a missing node is no error', async () => {
      expect(await jenkins.setOffline(`${RUN}-none`, reason)).toBeUndefined()
      expect(await jenkins.setOnline(`${RUN}-none`, OFFLINE_MARKER)).toBeUndefined()
    })
  })

  describe('credentials', () => {
    test.each([
      ['a wrong token', (): Partial<JenkinsSystem> => ({ token: `11${'0'.repeat(32)}` })],
      ['an unknown user', (): Partial<JenkinsSystem> => ({ user: `${RUN}-nobody` })],
    ])('with %s nothing works', async (_, wrong) => {
      const stranger = connectTo({ ...system, ...wrong() })
      try {
        await expect(stranger.read()).rejects.toMatchObject({ code: 'JENKINS_UNAUTHORIZED' })
        await expect(stranger.createNode(nodeOf('stranger'))).rejects.toMatchObject({ code: 'JENKINS_UNAUTHORIZED' })
      } finally {
        await stranger.close()
      }
      expect(await jenkins.readNode(`${RUN}-stranger`)).toBeUndefined()
    })
  })

  describeIf(missingForJobs(), 'jobs and the queue', () => {
    let admin: JenkinsAdmin

    beforeAll(async () => {
      admin = new JenkinsAdmin(system)
      // Without a job in sight nobody can tell an empty queue from a hidden one.
      await admin.createJob(`${RUN}-first`, `${RUN}-first`, 'true')
    })
    afterAll(async () => {
      try {
        await admin.removeAll(RUN)
        expect((await admin.jobNames()).filter((name) => name.includes(RUN))).toEqual([])
      } finally {
        await admin.close()
      }
    })

    async function waiting(job: string, why: RegExp): Promise<QueueItem> {
      return until(`${job} to wait because of ${why}`, WITHIN_MS, async () => {
        const { queue } = await jenkins.read()
        return queue.find((item) => item.job === job && why.test(item.why ?? ''))
      })
    }

    test('a reading is two requests, and an empty queue is known to be empty', async () => {
      // A fresh one: who saw no job asks again a minute later.
      const fresh = connectTo(system)
      try {
        await fresh.read()
        const before = requests
        const startedAt = systemClock.now()
        const reading = await fresh.read()
        expect(requests - before).toBe(2)
        expect(reading).toMatchObject({
          session: expect.stringMatching(/./),
          version: expect.stringMatching(/^\d+\.\d+/),
          seesJobs: true,
        })
        expect(reading.readAt).toBeGreaterThanOrEqual(startedAt)
        expect(reading.nodes.filter(({ builtIn }) => builtIn)).toHaveLength(1)
        expect(reading.queue.filter(({ job }) => job.includes(RUN))).toEqual([])
      } finally {
        await fresh.close()
      }
    })

    test('a node keeps the variables and the tools of its template', async () => {
      const properties = {
        environment: { SITE: 'home & "away"', ÜMLAUT: 'ä' },
        toolLocations: [{ type: 'hudson.model.JDK', name: 'jdk @ 21', home: '/opt/jdk' }],
      }
      const config = await admin.nodeConfig(await make('properties', { properties }))
      const texts = [...config.matchAll(/<(string|type|name|home)>([^<]*)</g)].map(([, tag, text]) => `${tag}: ${text}`)
      expect(texts).toEqual(
        expect.arrayContaining([
          'string: SITE',
          'string: ÜMLAUT',
          'string: ä',
          'type: hudson.model.JDK$DescriptorImpl',
          'name: jdk @ 21',
          'home: /opt/jdk',
        ]),
      )
    })

    test('an item that waits for the label of an anchor names the anchor', async () => {
      const { template } = launchOf()
      const label = `${RUN}-linux`
      const anchor = await make('anchor-linux', {
        description: describeAnchor({ ...template, labels: [label] }),
        labels: [label],
        connection: 'tcp',
      })
      await jenkins.setOffline(anchor, offlineReason('anchor'))
      await admin.createJob(`${RUN}-waits`, label, 'true')
      const startedAt = systemClock.now()
      await admin.build(`${RUN}-waits`)
      const item = await waiting(`${RUN}-waits`, /is offline/)
      expect(item).toMatchObject({
        id: expect.stringMatching(/^\d+$/),
        jobUrl: expect.stringMatching(/job\/contract-[0-9a-f]+-waits\/$/),
        why: `‘${anchor}’ is offline`,
        stuck: true,
        blocked: false,
        buildable: true,
        pending: false,
        labelExpression: label,
      })
      expect(Math.abs((item.queuedSince ?? 0) - startedAt)).toBeLessThan(60_000)
    })

    test('two nodes with the label: the label is named', async () => {
      const label = `${RUN}-pair`
      for (const name of ['pair-1', 'pair-2']) await make(name, { labels: [label] })
      await admin.createJob(`${RUN}-pair`, label, 'true')
      await admin.build(`${RUN}-pair`)
      expect(await waiting(`${RUN}-pair`, /offline/)).toMatchObject({
        why: `All nodes of label ‘${label}’ are offline`,
      })
    })

    test('a label that no node has is named as Jenkins writes it', async () => {
      await make('some-node')
      await admin.createJob(`${RUN}-nowhere`, `${RUN}-solaris && !${RUN}-arm`, 'true')
      await admin.build(`${RUN}-nowhere`)
      expect(await waiting(`${RUN}-nowhere`, /no nodes/)).toMatchObject({
        why: `There are no nodes with the label ‘${RUN}-solaris&&!${RUN}-arm’`,
        stuck: true,
        labelExpression: `${RUN}-solaris && !${RUN}-arm`,
      })
    })

    test('the least rights are all that `check` asks for, and it leaves nothing', async () => {
      const id = RUN.replace('-', '')
      const findings = await jenkins.check(id)
      expect(findings.filter(({ ok }) => !ok)).toEqual([])
      expect(findings.length).toBeGreaterThanOrEqual(8)
      expect((await admin.nodeNames()).filter((name) => name.includes(id))).toEqual([])
    })
  })
})
