import { describe, expect, test } from '@jest/globals'
import type { JenkinsReading } from '../../src/core/jenkins-reading.ts'
import type { MesosAgentId } from '../../src/core/model.ts'
import { NodeKeeper } from '../../src/loop/keep-nodes.ts'
import { Loop } from '../../src/loop/loop.ts'
import { MesosEvents } from '../../src/loop/mesos-events.ts'
import { Observer } from '../../src/loop/observe.ts'
import { Provisioner } from '../../src/loop/provision.ts'
import { Reaper } from '../../src/loop/reap.ts'
import { Rebuilder } from '../../src/loop/rebuild.ts'
import { Reconciler } from '../../src/loop/reconcile.ts'
import { anchorOf, aReading, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'
import { aRig, argsOf, NO_BUILDS } from '../support/loop-rig.ts'
import { settle } from '../support/virtual-clock.ts'

/** A loop over a Jenkins with nothing to do that takes so long to answer. */
function aLoop(takesMs = 0) {
  const state = {
    takesMs,
    jumpMs: 0,
    error: undefined as Error | undefined,
    templatesError: undefined as Error | undefined,
  }
  const begun: number[] = []
  let running = 0
  let most = 0
  const rig = aRig({
    jenkins: {
      read: async (signal): Promise<JenkinsReading> => {
        const readAt = rig.clock.now()
        begun.push(readAt - NOW)
        running += 1
        most = Math.max(most, running)
        try {
          if (state.takesMs > 0) await rig.clock.sleep(state.takesMs, signal)
          rig.clock.jump(state.jumpMs)
          state.jumpMs = 0
          if (state.error !== undefined) throw state.error
          return aReading({ readAt, nodes: [anchorOf(aTemplate())] })
        } finally {
          running -= 1
        }
      },
    },
    settings: {
      templates: () => {
        if (state.templatesError !== undefined) throw state.templatesError
        return [aTemplate()]
      },
    },
  })
  const { context } = rig
  const hands = {
    provisioner: new Provisioner(context),
    reaper: new Reaper(context),
    keeper: new NodeKeeper(context),
    rebuilder: new Rebuilder(context, NO_BUILDS),
  }
  const loop = new Loop(context, new Observer(context), hands)
  rig.wired.to = loop.trigger
  return { ...rig, loop, state, begun, most: () => most }
}

describe('rounds', () => {
  test('come every 2 s while nothing happens', async () => {
    const { loop, clock, begun } = aLoop()
    loop.start()
    loop.start()
    await clock.advance(6_500)
    await loop.stop()
    expect([begun, clock.pending]).toEqual([[0, 2_000, 4_000, 6_000], 0])
  })

  test('begin at once when something happens', async () => {
    const { loop, clock, begun } = aLoop()
    loop.start()
    await clock.advance(700)
    loop.trigger('asked')
    await clock.advance(2_100)
    await loop.stop()
    expect(begun).toEqual([0, 700, 2_700])
  })

  test('never overlap, and join what comes while one runs or in the next 50 ms', async () => {
    const { loop, clock, begun, most } = aLoop(300)
    loop.start()
    await clock.advance(100)
    for (let n = 0; n < 5; n++) loop.trigger('status')
    await clock.advance(220)
    loop.trigger('asked')
    loop.trigger('job')
    await clock.advance(900)
    await loop.stop()
    expect([begun, most()]).toEqual([[0, 350], 1])
  })

  test('50 ms after the last begin at once again', async () => {
    const { loop, clock, begun } = aLoop()
    loop.start()
    await clock.advance(30)
    loop.trigger('asked')
    await clock.advance(100)
    loop.trigger('asked')
    await clock.advance(0)
    await loop.stop()
    expect(begun).toEqual([0, 50, 130])
  })

  test('look at the first offers at once, and join those that follow', async () => {
    const { loop, clock, world } = aLoop()
    loop.start()
    await clock.advance(10)
    loop.trigger('offers')
    await clock.advance(0)
    expect(world.round).toBe(2)
    loop.trigger('offers')
    await clock.advance(20)
    loop.trigger('offers')
    await clock.advance(29)
    expect(world.round).toBe(2)
    await clock.advance(1)
    await loop.stop()
    expect(world.round).toBe(3)
  })

  test('that offers began use a young reading', async () => {
    const { loop, clock, begun, world } = aLoop()
    loop.start()
    await clock.advance(100)
    loop.trigger('offers')
    await clock.advance(0)
    expect([begun, world.round]).toEqual([[0], 2])
    loop.trigger('offers')
    loop.trigger('status')
    await clock.advance(60)
    await loop.stop()
    expect([begun, world.round]).toEqual([[0, 150], 3])
  })

  test('go on at their pace although the clock is set back meanwhile', async () => {
    const { loop, clock, world, state } = aLoop()
    state.jumpMs = -3_600_000
    loop.start()
    await settle()
    loop.trigger('asked')
    await clock.advance(50)
    expect(world.round).toBe(2)
    await clock.advance(2_000)
    await loop.stop()
    expect(world.round).toBe(3)
  })

  test.each([
    [1_000, 6_000],
    [3_000, 18_000],
    [10_000, 40_000],
  ])('come later when Jenkins takes %i ms: the next begins at %i ms', async (takesMs, next) => {
    const { loop, clock, begun } = aLoop(takesMs)
    loop.start()
    await clock.advance(next + 1)
    await loop.stop()
    expect(begun).toEqual([0, next])
  })

  test('that throw are told once for the same reason, and the next one comes', async () => {
    const { loop, clock, state, world, lines } = aLoop()
    state.templatesError = new Error('no templates')
    loop.start()
    await clock.advance(2_500)
    state.templatesError = undefined
    await clock.advance(2_000)
    await loop.stop()
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'a round failed', fields: { round: 1, why: 'no templates' } },
    ])
    expect([world.round, world.lastRoundAt]).toEqual([3, NOW + 4_000])
  })

  test('without Jenkins do not count as seen', async () => {
    const { loop, clock, state, world } = aLoop()
    state.error = new Error('away')
    loop.start()
    await clock.advance(10_000)
    await loop.stop()
    expect(world.round).toBeGreaterThan(2)
    expect(world.lastRoundAt).toBeUndefined()
  })

  test('tell how long their parts took', async () => {
    const { loop, clock, reports } = aLoop(250)
    loop.start()
    await clock.advance(300)
    await loop.stop()
    expect(argsOf(reports, 'round')).toEqual([
      ['observe', 0.25],
      ['plan', 0],
      ['act', 0],
    ])
  })
})

describe('a stop', () => {
  test('waits for the round under way, cuts its reading short, and tells of no failure', async () => {
    const { loop, clock, lines, begun } = aLoop(5_000)
    loop.start()
    await clock.advance(100)
    await loop.stop()
    loop.trigger('asked')
    await clock.advance(60_000)
    expect([begun, clock.pending, lines]).toEqual([[0], 0, []])
  })

  test('before the start is no error', async () => {
    const { loop, begun } = aLoop()
    await loop.stop()
    loop.start()
    await loop.stop()
    expect(begun).toEqual([])
  })
})

describe('a status that comes while Jenkins is being read', () => {
  test.each(Array.from({ length: 12 }, (_, index) => index))(
    'and is applied %i turns after the answer is not forgotten by the round (invariant 7)',
    async (turns) => {
      const record = aRecord({ state: 'starting', onlineAt: undefined, idleSince: undefined })
      const tell = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        events.handle({
          kind: 'status',
          status: {
            taskId: record.agentId,
            mesosAgentId: 'S1' as MesosAgentId,
            state: 'TASK_FAILED',
            source: 'SOURCE_EXECUTOR',
            reason: undefined,
            message: undefined,
            uuid: 'u1',
            at: NOW,
          },
        })
      }
      const rig = aRig({
        jenkins: {
          read: async () => {
            await rig.clock.sleep(10)
            void tell()
            return aReading({ readAt: rig.clock.now(), nodes: [anchorOf(aTemplate()), nodeOf(record)] })
          },
        },
      })
      const { context } = rig
      const reaper = new Reaper(context)
      const events = new MesosEvents(context, reaper, new Reconciler(context))
      const hands = {
        provisioner: new Provisioner(context),
        reaper,
        keeper: new NodeKeeper(context),
        rebuilder: new Rebuilder(context, NO_BUILDS),
      }
      rig.world.put(record)
      rig.world.round = 5
      const loop = new Loop(context, new Observer(context), hands)
      loop.start()
      await rig.clock.advance(30)
      expect(rig.world.get(record.agentId)?.taskEnded ?? true).toBe(true)
      await loop.stop()
    },
  )
})
