import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { LINUX, MESOS, SIDECAR } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'farm-'))
afterAll(() => {
  rmSync(stateDir, { recursive: true })
})
const start = useFarm()

describe('the subscription ends', () => {
  test.each([
    [
      'is reset',
      (farm: Farm): void => {
        farm.mesos.resetStreams()
      },
      10_000,
    ],
    [
      'ends in order',
      (farm: Farm): void => {
        farm.mesos.endStreams()
      },
      10_000,
    ],
    [
      'ends with half a record',
      (farm: Farm): void => {
        farm.mesos.halfRecord()
      },
      10_000,
    ],
    [
      'falls silent for five heartbeats',
      (farm: Farm): void => {
        farm.mesos.silence()
      },
      90_000,
    ],
    [
      'is lost with its master for a minute',
      (farm: Farm): void => {
        farm.down(MESOS)
      },
      20_000,
    ],
  ] as const)(
    'it %s: the same framework comes back, builds go on, and new ones get agents',
    async (_how, break_, withinMs) => {
      const farm = await start()
      farm.job('a', 200_000)
      await farm.until(() => farm.running === 1, 30_000)
      const subscriptions = farm.calls('SUBSCRIBE').length
      const [framework] = farm.mesos.snapshot().frameworks
      break_(farm)
      farm.watch.silent = true
      farm.job('b', 10_000)
      await farm.advance(withinMs)
      farm.watch.silent = false
      farm.up(MESOS)
      await farm.until(() => farm.view.mesos.subscribed && farm.queued === 0, 60_000, 'the new subscription')
      expect(farm.calls('SUBSCRIBE').length).toBeGreaterThan(subscriptions)
      expect(farm.calls('RECONCILE').length).toBeGreaterThan(1)
      expect(farm.mesos.snapshot().frameworks.map(({ id }) => id)).toEqual([framework?.id])
      await farm.allSucceed(250_000)
      await farm.empty(90_000)
      expect(farm.launched).toHaveLength(2)
    },
  )

  test('offers are out when it breaks: they are dropped, and the agents that were meant for them come with others', async () => {
    const farm = await start()
    farm.faults.hang = ({ path }) => path.endsWith('jenkins-agent.jnlp')
    farm.job('a', 10_000)
    await farm.until(() => farm.faults.hanging > 0, 30_000, 'an agent under preparation')
    farm.mesos.resetStreams()
    farm.faults.hang = () => false
    farm.faults.letGo()
    await farm.allSucceed(60_000)
    expect(farm.launched).toHaveLength(1)
    await farm.empty(90_000)
  })
})

describe('the master is another one', () => {
  test('after its restart the framework and its tasks are known again, and nothing is lost', async () => {
    const farm = await start({ mesos: { stateDir } })
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [framework] = farm.mesos.snapshot().frameworks
    await farm.restartMesos()
    await farm.until(() => farm.view.mesos.subscribed, 60_000, 'the new subscription')
    expect(farm.mesos.snapshot().frameworks.map(({ id }) => id)).toEqual([framework?.id])
    farm.job('b', 10_000)
    await farm.allSucceed(120_000)
    await farm.empty(90_000)
    expect(farm.launched).toHaveLength(2)
  })

  test('the framework was removed: a new one is registered, old nodes go, waiting builds get new agents', async () => {
    const farm = await start({ environment: { MESOS_FAILOVER_TIMEOUT_SECONDS: '10' } })
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [old] = farm.mesos.snapshot().frameworks
    const [node = ''] = farm.agentNodes
    farm.down(MESOS)
    await farm.advance(20_000)
    expect(farm.mesos.snapshot().frameworks).toEqual([])
    farm.up(MESOS)
    farm.job('b', 10_000)
    await farm.until(() => farm.results.includes('SUCCESS'), 60_000, 'the second build')
    expect(farm.results).toEqual(['FAILURE', 'SUCCESS'])
    expect(farm.agentNodes).not.toContain(node)
    expect(farm.mesos.snapshot().frameworks.map(({ id }) => id)).not.toContain(old?.id)
    await farm.empty(90_000)
  })

  test('invariant 9: another instance takes over: this one acts no more, in Jenkins either', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    await farm.cluster.subscribeAsOther()
    await farm.advance(2_000)
    expect(farm.view.health.status).toBe('standing_back')
    farm.job('b', 5_000)
    const steps = farm.steps.length
    await farm.advance(120_000)
    expect(farm.steps.slice(steps).filter(({ kind }) => kind === 'request')).toEqual([])
    expect(farm.agentNodes).toHaveLength(1)
    expect(farm.calls('SUBSCRIBE')).toHaveLength(2)
  })

  test('invariant 9: another instance takes over while an agent is reaped: its node is not deleted', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, idleTimeoutSeconds: 5 } } })
    farm.job('a', 5_000)
    let isHeld = true
    const isOffline = (): boolean => farm.steps.some(({ name }) => /\/mesos-.*\/toggleOffline/.test(name))
    farm.faults.hang = ({ path }) => isHeld && isOffline() && /\/mesos-.*\/api\/json/.test(path)
    await farm.until(() => farm.faults.hanging > 0, 60_000, 'the last look before the node is deleted')
    await farm.cluster.subscribeAsOther()
    await farm.until(() => farm.view.health.status === 'standing_back', 5_000, 'the standing back')
    isHeld = false
    farm.faults.letGo()
    await farm.advance(60_000)
    expect(farm.steps.filter(({ name }) => name.includes('doDelete'))).toEqual([])
    expect(farm.agentNodes).toHaveLength(1)
  })
})

describe('launches that fail', () => {
  test('a host that cannot fetch is avoided: the next launch is elsewhere', async () => {
    const farm = await start({ hosts: 3 })
    const bad = new Set<string>()
    farm.faults.task = (_taskId, hostname) => {
      if (bad.size === 0) bad.add(hostname)
      return bad.has(hostname) ? 'fetch' : undefined
    }
    farm.job('a', 5_000)
    await farm.allSucceed(60_000)
    expect(farm.launched).toHaveLength(2)
    expect(
      await farm.metric(
        'task_terminal_total{template="linux",state="TASK_FAILED",reason="REASON_CONTAINER_LAUNCH_FAILED"}',
      ),
    ).toBe(1)
    expect(farm.agentNodes).toHaveLength(1)
    await farm.empty(60_000)
  })

  test('all launches fail: the back-off grows, the breaker opens and tries with one, and a success closes it', async () => {
    const farm = await start({ hosts: 10 })
    farm.faults.task = () => 'exit'
    for (const name of ['a', 'b', 'c', 'd', 'e']) farm.job(name, 5_000)
    await farm.advance(600_000)
    // 5 at once, then one each 10, 20, 40, … s: no storm.
    expect(farm.launched.length).toBeGreaterThan(6)
    expect(farm.launched.length).toBeLessThan(20)
    expect(farm.view.queue[0]?.state).toBe('backed_off')
    expect(farm.view.queue[0]?.words).toMatch(/failed|breaker/)
    farm.faults.task = () => undefined
    await farm.allSucceed(900_000)
    expect(farm.view.templates[0]?.failures).toBe(0)
    await farm.empty(90_000)
  })

  test('a secret that was fetched before is gone: the launch fails, and neither template nor host backs off', async () => {
    const farm = await start({ hosts: 1 })
    let stolen = 0
    // Somebody on the network was quicker than the first task.
    farm.faults.onLaunch = ({ info }) => {
      if (farm.launched.length > 1) return
      const uri = info.command?.uris?.find(({ output_file }) => output_file === '.secret')?.value ?? ''
      void farm.get(uri).then((status) => {
        stolen = status
      })
    }
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    expect(stolen).toBe(200)
    expect(farm.launched).toHaveLength(2)
    expect(farm.view.templates[0]?.failures).toBe(0)
    const uri = farm.launched[0]?.info.command?.uris?.find(({ value }) => value.startsWith(SIDECAR))?.value ?? ''
    expect(await farm.get(uri)).toBe(410)
    expect(await farm.get(`${SIDECAR}/agent-secret/mesos-linux-none/x`)).toBe(410)
    await farm.empty(60_000)
  })

  test('an offer is gone when the ACCEPT comes (TASK_DROPPED, invalid offers): another agent starts at once', async () => {
    const farm = await start()
    let late = false
    farm.faults.before = ({ path, body }) => {
      if (late || path !== '/api/v1/scheduler' || !body.includes('"ACCEPT"')) return
      late = true
      for (const { id } of farm.mesos.snapshot().offers) farm.mesos.rescind(id)
    }
    farm.job('a', 5_000)
    await farm.allSucceed(20_000)
    expect(late).toBe(true)
    expect(farm.view.templates[0]?.failures).toBe(0)
    expect(farm.launched).toHaveLength(1)
    const dropped = 'task_terminal_total{template="linux",state="TASK_DROPPED",reason="REASON_INVALID_OFFERS"}'
    expect(await farm.metric(dropped)).toBe(1)
    await farm.empty(60_000)
  })

  test('the answer to an ACCEPT is lost: the agent that it launched is taken up, and none is launched twice', async () => {
    const farm = await start()
    farm.faults.loseAnswer = ({ path, body }) => path === '/api/v1/scheduler' && body.includes('"ACCEPT"')
    farm.job('a', 5_000)
    await farm.until(() => farm.launched.length === 1, 30_000, 'the launch')
    farm.faults.loseAnswer = () => false
    await farm.allSucceed(60_000)
    expect(farm.launched).toHaveLength(1)
    await farm.empty(90_000)
  })
})

describe('calls that get lost', () => {
  test('a KILL that the master took and lost is sent again until the task has ended', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    let lost = 0
    farm.faults.answer = ({ path, body }) => {
      if (path !== '/api/v1/scheduler' || !body.includes('"KILL"') || lost === 2) return undefined
      lost += 1
      return ''
    }
    await farm.until(() => lost === 2, 90_000, 'the second KILL')
    expect(farm.agentNodes).toEqual([])
    expect(farm.tasks).toHaveLength(1)
    await farm.empty(30_000)
  })

  test('an acknowledgement that the master lost: Mesos tells the status again, and it is acknowledged again', async () => {
    const farm = await start()
    farm.mesos.loseNextAck()
    farm.job('a', 40_000)
    await farm.allSucceed(90_000)
    const uuids = farm.calls('ACKNOWLEDGE').map(({ call }) => JSON.stringify(call))
    expect(new Set(uuids).size).toBe(uuids.length - 1)
    await farm.empty(90_000)
  })
})

describe('hosts', () => {
  test('a host that Mesos cannot reach: its node is offline with our marker, and takes builds again on return', async () => {
    const farm = await start({ hosts: 1, templates: { linux: { ...LINUX, idleTimeoutSeconds: 600 } } })
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [name] = farm.agentNodes
    const offline = () => farm.jenkins.nodes.find((node) => node.name === name)?.temporarilyOffline
    await farm.mesos.removeHost('host-1.test', { tasks: 'keep' })
    await farm.until(() => farm.view.agents[0]?.state === 'unreachable', 120_000, 'TASK_UNREACHABLE')
    await farm.advance(5_000)
    expect(offline()?.message).toMatch(/^jenkins-mesos-sidecar: .*reach/)
    await farm.mesos.returnHost('host-1.test')
    await farm.until(() => offline() === null, 60_000, 'the node back')
    farm.job('b', 5_000)
    await farm.allSucceed(30_000)
    expect(farm.launched).toHaveLength(1)
  })

  test('a build on a host that Mesos cannot reach goes on and ends well', async () => {
    const farm = await start({ hosts: 2 })
    farm.job('a', 300_000)
    await farm.until(() => farm.running === 1, 30_000)
    const host = farm.tasks[0]?.hostname ?? ''
    await farm.mesos.removeHost(host, { tasks: 'keep' })
    await farm.until(() => farm.view.agents[0]?.state === 'unreachable', 120_000, 'TASK_UNREACHABLE')
    await farm.advance(60_000)
    await farm.mesos.returnHost(host)
    await farm.allSucceed(300_000)
    await farm.empty(120_000)
  })

  test('a host loses its power: its agent is given up after the timeout, its node goes, another host takes over', async () => {
    const farm = await start({ hosts: 2, templates: { linux: { ...LINUX, unreachableTimeoutSeconds: 120 } } })
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [gone = ''] = farm.agentNodes
    await farm.mesos.removeHost(farm.tasks[0]?.hostname ?? '', { tasks: 'lost' })
    farm.job('b', 10_000)
    await farm.until(() => farm.results.includes('SUCCESS'), 30_000, 'the second build')
    expect(farm.results).toEqual(['FAILURE', 'SUCCESS'])
    await farm.until(() => !farm.agentNodes.includes(gone), 400_000, 'the node gone')
    expect(farm.launched).toHaveLength(2)
  })

  test('a host that unregisters: its node goes at once, and the next build runs elsewhere', async () => {
    const farm = await start({ hosts: 2 })
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    await farm.mesos.unregisterHost(farm.tasks[0]?.hostname ?? '')
    await farm.until(() => farm.agentNodes.length === 0, 30_000, 'the node gone')
    farm.job('b', 10_000)
    await farm.until(() => farm.results.includes('SUCCESS'), 60_000, 'the second build')
    await farm.empty(90_000)
  })
})
