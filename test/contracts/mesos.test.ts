import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Offer } from '../../src/core/offer.ts'
import type { AgentUsage, MesosEvent } from '../../src/loop/ports.ts'
import { MesosUsage } from '../../src/mesos/usage.ts'
import { systemClock } from '../../src/system-clock.ts'
import { until } from '../real/controller/process.ts'
import { type Framework, Frameworks, taskOf } from './framework.ts'
import { readFrameworks, type ShownFramework } from './master-pages.ts'
import { type MesosSystem, startMesos } from './systems.ts'
import { tellUnlessReal } from './variables.ts'

tellUnlessReal('TEST_MESOS_MASTER', 'Mesos')

const SLEEP = 'sleep 600'

describe('Mesos as the program uses it', () => {
  let folder: string
  let mesos: MesosSystem
  let frameworks: Frameworks
  let framework: Framework

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'contract-mesos-'))
    mesos = await startMesos(folder)
    frameworks = new Frameworks(mesos)
  })
  beforeEach(() => {
    framework = frameworks.open()
  })
  afterEach(() => frameworks.end())
  afterAll(async () => {
    try {
      const left = await readFrameworks(mesos)
      expect(left.filter(({ id }) => [...frameworks.seen].some((seen) => seen === id))).toEqual([])
    } finally {
      await mesos.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  describe('subscription', () => {
    test('gives an id and tells the leading master and its version', async () => {
      const id = await framework.subscribed()
      expect(framework.told[0]).toEqual({
        kind: 'subscribed',
        frameworkId: id,
        master: expect.stringMatching(/^https?:\/\/[^/]+$/),
        version: expect.stringMatching(/^\d+\.\d+/),
      })
      expect((await readFrameworks(mesos)).map((one) => one.id)).toContain(id)
    })

    test('with the id of before goes on: tasks live, are told, and can be killed', async () => {
      const id = await framework.subscribed()
      const task = taskOf(unique('stays'), SLEEP)
      await framework.launch(task)
      await framework.status(task.agentId, 'TASK_RUNNING')
      await framework.fence()
      await framework.session.stop()

      const again = frameworks.open({ id })
      expect(await again.subscribed()).toBe(id)
      await again.session.reconcile([])
      const { mesosAgentId } = await again.status(task.agentId, 'TASK_RUNNING')
      await again.session.kill(task.agentId, mesosAgentId)
      await again.status(task.agentId, 'TASK_KILLED')
    })

    test('a second one with the same id takes over, and the first is told', async () => {
      const id = await framework.subscribed()
      const second = frameworks.open({ id })
      expect(await second.subscribed()).toBe(id)
      await framework.first('the failover', (event) => (event.kind === 'failedOver' ? true : undefined))
      await second.fence()
      await expect(framework.session.reconcile([])).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' })
    })

    test('says who it is, and what it can be offered from now on', async () => {
      const id = await framework.subscribed()
      const shown = async (): Promise<ShownFramework | undefined> =>
        (await readFrameworks(mesos)).find((one) => one.id === id)
      const capabilities = ['MULTI_ROLE', 'PARTITION_AWARE', 'TASK_KILLING_STATE', 'RESERVATION_REFINEMENT']
      expect((await shown())?.capabilities).toEqual(expect.arrayContaining(capabilities))
      expect((await shown())?.capabilities).not.toContain('GPU_RESOURCES')
      if (mesos.login.principal !== undefined) expect((await shown())?.principal).toBe(mesos.login.principal)
      framework.wants = { gpus: true, regions: false }
      framework.want()
      const all = [...capabilities, 'GPU_RESOURCES'].sort()
      await until('GPU_RESOURCES', 10_000, async () => {
        const now = [...((await shown())?.capabilities ?? [])].sort()
        return now.join() === all.join() ? true : undefined
      })
      expect(framework.told.map(({ kind }) => kind)).not.toContain('disconnected')
    })

    test('an instance that was pushed out comes back when it is told to, and pushes out the other', async () => {
      const id = await framework.subscribed()
      const second = frameworks.open({ id })
      await second.subscribed()
      const failover = (event: MesosEvent): true | undefined => (event.kind === 'failedOver' ? true : undefined)
      await framework.first('the failover', failover)
      const before = framework.told.length
      expect(framework.session.takeOver()).toBe(true)
      await framework.first('the way back', (event) => (event.kind === 'subscribed' ? true : undefined), before)
      await second.first('the failover of the other', failover)
      await framework.fence()
    })

    test('after a teardown the id is spent, and another one comes', async () => {
      const id = await framework.subscribed()
      await framework.session.teardown()
      await framework.session.stop()
      const again = frameworks.open({ id })
      const removed = await again.first('the removal', (event) => (event.kind === 'removed' ? event.why : undefined))
      expect(removed).toBe('Framework has been removed')
      expect(await again.subscribed()).not.toBe(id)
    })
  })

  describe('offers', () => {
    test('come for a wanted role, and tell what their host has', async () => {
      await framework.subscribed()
      framework.want()
      const offer = await framework.offer()
      expect(offer).toMatchObject({
        role: mesos.role,
        hostname: expect.stringMatching(/./),
        address: expect.stringMatching(/^.+:\d+$/),
      })
      expect(Math.abs(offer.receivedAt - systemClock.now())).toBeLessThan(10_000)
    })

    test('come neither before the role is wanted nor after it is not any more, while others get them', async () => {
      await framework.subscribed()
      const witness = frameworks.open()
      witness.want()
      await sawOffersAgain(witness, 2)
      expect(framework.told.filter(isOffers)).toEqual([])
      witness.session.want(new Set())
      await witness.declineAll(0)
      framework.want()
      await framework.offer()
      framework.session.want(new Set())
      await framework.fence()
      await framework.declineAll(0)
      const from = framework.told.length
      witness.want()
      await sawOffersAgain(witness, 2)
      expect(framework.told.slice(from).filter(isOffers)).toEqual([])
    })

    test('are of hosts only that hold to the rules and have room enough, as is told by an update', async () => {
      await framework.subscribed()
      framework.want()
      const { hostname } = await framework.offer()
      const witness = frameworks.open()
      const none = async (operator: 'LIKE' | 'UNLIKE', value: string, cpus: number): Promise<number> => {
        const constraints = [{ field: 'hostname', operator, value }]
        const least = { cpus, mem: 32_000 }
        framework.wants = { gpus: false, regions: false, needs: [{ role: mesos.role, constraints, least }] }
        framework.want()
        await framework.fence()
        await framework.declineAll(0)
        return framework.told.length
      }
      for (const from of [await none('UNLIKE', '.*', 10), await none('UNLIKE', 'no such host', 1_000_000_000)]) {
        witness.want()
        await sawOffersAgain(witness, 2)
        expect(framework.told.slice(from).filter(isOffers)).toEqual([])
        witness.session.want(new Set())
        await witness.declineAll(0)
      }
      const from = await none('LIKE', hostname.replaceAll('.', '\\.'), 10)
      const offered = await framework.first('an offer', (event) => (isOffers(event) ? event : undefined), from)
      expect(offered).toMatchObject({ offers: [{ hostname }] })
    })

    test('declined for 2 s come again, but not before that', async () => {
      framework.want()
      const before = await framework.offer()
      const from = framework.told.length
      const declinedAt = systemClock.now()
      await framework.declineAll(2)
      const again = await framework.first('the same host', (event) => sameHost(event, before), from)
      expect(again.receivedAt - declinedAt).toBeGreaterThanOrEqual(1_990)
      expect(again.id).not.toBe(before.id)
    })

    test('that were answered are gone', async () => {
      framework.want()
      const { id } = await framework.offer()
      await framework.declineAll(5)
      await expect(framework.session.accept([id], [taskOf(unique('late'), 'true')], 0)).rejects.toMatchObject({
        code: 'MESOS_OFFER_GONE',
      })
    })
  })

  describe('tasks', () => {
    test('two launches of one offer start and run, each update with a uuid', async () => {
      const tasks = [taskOf(unique('one'), SLEEP), taskOf(unique('two'), SLEEP)]
      const offer = await framework.launch(...tasks)
      for (const { agentId } of tasks) {
        await framework.status(agentId, 'TASK_RUNNING')
        const update = {
          mesosAgentId: offer.mesosAgentId,
          source: 'SOURCE_EXECUTOR',
          uuid: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
          at: expect.any(Number),
        }
        expect(framework.statuses(agentId)).toMatchObject([
          { ...update, state: 'TASK_STARTING' },
          { ...update, state: 'TASK_RUNNING' },
        ])
      }
    })

    test.each([
      ['status 0', "sh -c 'exit 0'", 'TASK_FINISHED', 'Command exited with status 0'],
      ['status 3', "sh -c 'exit 3'", 'TASK_FAILED', 'Command exited with status 3'],
      ['a signal', "sh -c 'kill -KILL $$'", 'TASK_FAILED', 'Command terminated with signal Killed'],
    ])('that end with %s say so', async (_, command, state, message) => {
      const task = taskOf(unique('ends'), command)
      await framework.launch(task)
      const { mesosAgentId } = await framework.status(task.agentId, 'TASK_STARTING')
      expect(await framework.status(task.agentId, state)).toMatchObject({ source: 'SOURCE_EXECUTOR', message })
      await framework.session.reconcile([{ taskId: task.agentId, mesosAgentId }])
      await framework.status(task.agentId, 'TASK_GONE')
    })

    test('that are killed get SIGTERM', async () => {
      const task = taskOf(unique('kill'), SLEEP)
      const { mesosAgentId } = await framework.launch(task)
      await framework.status(task.agentId, 'TASK_RUNNING')
      await framework.session.kill(task.agentId, mesosAgentId)
      expect(await framework.status(task.agentId, 'TASK_KILLED')).toMatchObject({
        message: 'Command terminated with signal Terminated',
      })
      expect(framework.statuses(task.agentId).map(({ state }) => state)).toContain('TASK_KILLING')
    })

    test('usage is told by the host; who ignores SIGTERM is killed after the grace period of the launch', async () => {
      const stubborn = taskOf(unique('stubborn'), `sh -c 'trap "" TERM; while :; do :; done'`, { killGraceSeconds: 1 })
      const offer = await framework.launch(stubborn)
      await framework.status(stubborn.agentId, 'TASK_RUNNING')
      const used = await usageOf(framework, offer, stubborn.agentId, () => true)
      const { cpuSeconds: before = 0 } = used
      // So much CPU is not burnt before the trap is set.
      const {
        cpuSeconds = 0,
        memRssBytes = 0,
        memLimitBytes = 0,
      } = await usageOf(framework, offer, stubborn.agentId, (usage) => (usage.cpuSeconds ?? 0) > before + 0.4)
      expect(cpuSeconds).toBeGreaterThan(before)
      expect(memRssBytes).toBeGreaterThan(0)
      expect(memLimitBytes).toBeGreaterThanOrEqual(64 * 1024 * 1024)

      const killedAt = systemClock.now()
      await framework.session.kill(stubborn.agentId, offer.mesosAgentId)
      const { message } = await framework.status(stubborn.agentId, 'TASK_KILLED')
      const tookMs = systemClock.now() - killedAt
      expect(message).toBe('Command terminated with signal Killed')
      expect(tookMs).toBeGreaterThanOrEqual(1_000)
      // Without a grace period of its own it would be 3 s.
      expect(tookMs).toBeLessThan(2_900)
    })

    test('whose file cannot be fetched fail before they start', async () => {
      const task = taskOf(unique('fetch'), SLEEP, { uri: 'file:///no/such/file/anywhere' })
      await framework.launch(task)
      expect(await framework.status(task.agentId, 'TASK_FAILED')).toMatchObject({
        source: 'SOURCE_AGENT',
        reason: 'REASON_CONTAINER_LAUNCH_FAILED',
        message: expect.stringMatching(
          /^Failed to launch container: Failed to fetch all URIs for container '[^']+': exited with status 1$/,
        ),
        uuid: expect.any(String),
      })
      expect(framework.statuses(task.agentId)).toHaveLength(1)
    })

    test('with impossible resources, or the id of a running one, are errors of the master', async () => {
      const tiny = taskOf(unique('tiny'), SLEEP, { cpus: 0.1 })
      const twice = taskOf(unique('twice'), SLEEP)
      await framework.launch(tiny)
      const byMaster = { source: 'SOURCE_MASTER', reason: 'REASON_TASK_INVALID', uuid: undefined }
      expect(await framework.status(tiny.agentId, 'TASK_ERROR')).toMatchObject({
        ...byMaster,
        message: "Resource 'cpus:0' is invalid: Invalid scalar resource: value <= 0",
      })
      await framework.launch(twice)
      await framework.status(twice.agentId, 'TASK_RUNNING')
      await framework.launch(twice)
      expect(await framework.status(twice.agentId, 'TASK_ERROR')).toMatchObject({
        ...byMaster,
        message: `Task has duplicate ID: ${twice.agentId}`,
      })
    })

    test('more than an offer has is refused before it is sent', async () => {
      framework.want()
      const offer = await framework.offer()
      const huge = taskOf(unique('huge'), SLEEP, { cpus: (offer.free['cpus'] ?? 0) + 1 })
      await expect(framework.session.accept([offer.id], [huge], 0)).rejects.toMatchObject({ code: 'MESOS_REFUSED' })
      await framework.declineAll(0)
      await framework.fence()
      expect(framework.statuses(huge.agentId)).toEqual([])
    })

    test('slow: an update that is not acknowledged comes again after 10 s, and holds back the next', async () => {
      const deaf = frameworks.open({ acknowledge: false })
      const task = taskOf(unique('deaf'), SLEEP)
      await deaf.launch(task)
      const first = await deaf.status(task.agentId, 'TASK_STARTING')
      const firstAt = systemClock.now()
      const from = deaf.told.findIndex((event) => event.kind === 'status') + 1
      const repeated = await deaf.status(task.agentId, 'TASK_STARTING', from)
      expect(systemClock.now() - firstAt).toBeGreaterThanOrEqual(9_500)
      expect(repeated).toEqual(first)
      expect(deaf.statuses(task.agentId)).toHaveLength(2)

      await deaf.session.acknowledge(repeated)
      const running = await deaf.status(task.agentId, 'TASK_RUNNING')
      expect(running.uuid).not.toBe(first.uuid)
    })
  })

  describe('reconciliation', () => {
    test('tells the state of what is asked for, and what is not known', async () => {
      const task = taskOf(unique('asked'), SLEEP)
      const { mesosAgentId } = await framework.launch(task)
      await framework.status(task.agentId, 'TASK_RUNNING')
      const from = framework.told.length
      const [onHost, nowhere] = [taskOf(unique('on'), '').agentId, taskOf(unique('nowhere'), '').agentId]
      await framework.session.reconcile([
        { taskId: task.agentId, mesosAgentId },
        { taskId: onHost, mesosAgentId },
        { taskId: nowhere, mesosAgentId: undefined },
      ])
      const byMaster = { source: 'SOURCE_MASTER', reason: 'REASON_RECONCILIATION', uuid: undefined }
      expect(await framework.status(task.agentId, 'TASK_RUNNING', from)).toMatchObject({ ...byMaster, mesosAgentId })
      expect(await framework.status(onHost, 'TASK_GONE')).toMatchObject(byMaster)
      expect(await framework.status(nowhere, 'TASK_UNKNOWN')).toMatchObject(byMaster)
    })

    test('without a list tells every task, and only those that are there', async () => {
      const tasks = [taskOf(unique('one'), SLEEP), taskOf(unique('two'), SLEEP)]
      const ended = taskOf(unique('ended'), "sh -c 'exit 0'")
      await framework.launch(...tasks, ended)
      await framework.status(ended.agentId, 'TASK_FINISHED')
      for (const { agentId } of tasks) await framework.status(agentId, 'TASK_RUNNING')
      await framework.fence()
      const from = framework.told.length
      await framework.session.reconcile([])
      for (const { agentId } of tasks) await framework.status(agentId, 'TASK_RUNNING', from)
      await framework.fence()
      const told = framework.told.slice(from).flatMap((event) => (event.kind === 'status' ? [event.status] : []))
      expect(told.filter(({ taskId }) => taskId === ended.agentId)).toEqual([])
    })

    test('a KILL of what is not there is answered in the same way', async () => {
      await framework.subscribed()
      const { agentId } = taskOf(unique('never'), '')
      await framework.session.kill(agentId, undefined)
      expect(await framework.status(agentId, 'TASK_UNKNOWN')).toMatchObject({ reason: 'REASON_RECONCILIATION' })
    })
  })

  async function usageOf(
    owner: Framework,
    offer: Offer,
    agentId: string,
    enough: (usage: AgentUsage) => boolean,
  ): Promise<AgentUsage> {
    const quiet = (): void => undefined
    const usage = new MesosUsage({
      frameworkId: () => owner.ids.at(-1),
      clock: systemClock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      scheme: mesos.origin.startsWith('https:') ? 'https' : 'http',
      authorize: mesos.login.authorize,
      tls: mesos.login.tls,
    })
    try {
      return await until(`usage of ${agentId}`, 20_000, async () => {
        const read = await usage.read([{ mesosAgentId: offer.mesosAgentId, address: offer.address }])
        return read.find((one) => one.agentId === agentId && enough(one))
      })
    } finally {
      await usage.close()
    }
  }
})

function unique(name: string): string {
  return `contract-${name}-${randomBytes(4).toString('hex')}`
}

function isOffers(event: MesosEvent): boolean {
  return event.kind === 'offers'
}

function sameHost(event: MesosEvent, { mesosAgentId }: Offer): Offer | undefined {
  return event.kind === 'offers' ? event.offers.find((offer) => offer.mesosAgentId === mesosAgentId) : undefined
}

/** Allocations have gone by: each time the offers are returned, and come again with the next. */
async function sawOffersAgain(witness: Framework, times: number): Promise<void> {
  for (let time = 0; time <= times; time++) {
    await witness.offer()
    await witness.declineAll(0)
  }
}
