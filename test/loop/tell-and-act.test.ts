import { describe, expect, test } from '@jest/globals'
import type { AgentRecord } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { Plan, Snapshot } from '../../src/core/snapshot.ts'
import { act } from '../../src/loop/act.ts'
import { NodeKeeper } from '../../src/loop/keep-nodes.ts'
import { Provisioner } from '../../src/loop/provision.ts'
import { Reaper } from '../../src/loop/reap.ts'
import { Rebuilder } from '../../src/loop/rebuild.ts'
import { RoundTeller } from '../../src/loop/tell.ts'
import {
  anchorOf,
  anItem,
  anOffer,
  aReading,
  aRecord,
  aSnapshot,
  aTemplate,
  items,
  NOW,
  nodeOf,
} from '../support/builders.ts'
import { aRig, argsOf, NO_BUILDS } from '../support/loop-rig.ts'
import { settle } from '../support/virtual-clock.ts'

const linux = aTemplate()
const anchor = anchorOf(linux)

function waiting(count: number, over: Partial<Snapshot> = {}): Snapshot {
  return aSnapshot({ jenkins: aReading({ nodes: [anchor], queue: items(count) }), ...over })
}

describe('a teller', () => {
  const tellAll = (snapshots: readonly Snapshot[]) => {
    const rig = aRig()
    const teller = new RoundTeller(rig.context)
    for (const snapshot of snapshots) teller.tell(snapshot, plan(snapshot, NOW))
    return rig
  }
  const provision = waiting(1, { offers: [anOffer()] })

  test('tells a plan once while it stays the same, and again after another', () => {
    const { lines } = tellAll([provision, provision, waiting(0), waiting(0), provision])
    expect(lines.filter(({ message }) => message === 'plan')).toHaveLength(2)
    expect(lines[0]?.fields).toMatchObject({
      inputs: {
        queue: { starting: 1 },
        nodes: 1,
        offers: 1,
        agents: {},
        templates: { linux: { demand: 1, agents: 0, wanted: 0 } },
      },
      moreActions: 0,
      actions: [expect.stringContaining('provision an agent of linux on host-1')],
    })
  })

  test('tells nothing as done while another instance acts, and tells it once it is done', () => {
    const rig = aRig()
    const teller = new RoundTeller(rig.context)
    const { world } = rig.context
    const was = aRecord({ state: 'starting' })
    const tell = (): void => {
      teller.tell(provision, plan(provision, NOW))
      teller.changed(was, { ...was, state: 'online' })
    }
    world.mesos = { ...world.mesos, standingBack: 'another took over' }
    tell()
    tell()
    expect([rig.lines, rig.reports]).toEqual([[], []])
    world.mesos = { ...world.mesos, standingBack: undefined }
    tell()
    expect(rig.lines.map(({ message }) => message)).toEqual(['plan', 'agent online'])
  })

  test('tells nothing of declined offers', () => {
    expect(tellAll([waiting(0, { offers: [anOffer()] })]).lines).toEqual([])
  })

  test('tells each problem once, and again when it comes back after ten minutes', () => {
    const odd = aSnapshot({
      jenkins: aReading({ nodes: [anchor], queue: [anItem({ why: 'There are no nodes with the label ‘solaris’' })] }),
    })
    const { lines, context, clock } = aRig()
    const teller = new RoundTeller(context)
    for (const minutes of [0, 0, 5, 6, 6, 11, 12]) {
      clock.jump(NOW + minutes * 60_000 - clock.now())
      const snapshot = minutes === 5 || minutes === 11 ? waiting(0) : odd
      teller.tell(snapshot, plan(snapshot, NOW))
    }
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'something needs a look'],
      ['warn', 'something needs a look'],
    ])
  })

  test('counts a cap when it comes to stand in the way', () => {
    const capped = waiting(2, { caps: { maxAgents: 0, maxCpus: undefined, maxMem: undefined } })
    const { reports } = tellAll([capped, capped, waiting(0), capped])
    expect(argsOf(reports, 'capReached')).toEqual([['agents'], ['agents']])
  })

  test('counts how long an item waited when it has left the queue', () => {
    const later = { ...waiting(0), jenkins: aReading({ nodes: [anchor], readAt: NOW + 9_000 }) }
    const stale = { ...later, fresh: false }
    const { reports } = tellAll([waiting(1), stale, later, later])
    expect(argsOf(reports, 'queueWait')).toEqual([[10]])
  })

  test('tells that the brake is on, once', () => {
    const records = Array.from({ length: 8 }, (_, n) =>
      aRecord({ agentId: `mesos-linux-${n}`, state: 'disconnected', since: NOW - 400_000 }),
    )
    const nodes = [anchor, ...records.map((record) => nodeOf(record, { offline: true }))]
    const braked = aSnapshot({ records, jenkins: aReading({ nodes }) })
    const { lines } = tellAll([braked, braked])
    expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual(['the brake is on'])
  })

  test('tells each note once, also after a time without Jenkins', () => {
    const rig = aRig()
    const teller = new RoundTeller(rig.context)
    const seeing = plan(waiting(0), NOW)
    const noted = { ...seeing, explanation: { ...seeing.explanation, notes: ['anchors of others'] } }
    teller.tell(waiting(0), noted)
    teller.tell(aSnapshot({ jenkins: undefined }), seeing)
    teller.tell(waiting(0), noted)
    expect(rig.lines.map(({ message }) => message)).toEqual(['for your information'])
  })

  test('tells of the brake once while it holds the same, whatever the words and whether Jenkins is seen', () => {
    const rig = aRig()
    const teller = new RoundTeller(rig.context)
    const snapshot = aSnapshot()
    const seen = plan(snapshot, NOW)
    const brake = { key: 'a maintenance', rounds: 1, since: NOW, agents: 8, takings: [] }
    const held = ['the brake holds 8 of 8 agents (in 61 s)', 'Jenkins cannot be read', 'the brake holds (in 57 s)']
    for (const words of held) {
      teller.tell(snapshot, {
        ...seen,
        memory: { ...seen.memory, brake },
        explanation: { ...seen.explanation, held: words },
      })
    }
    expect(rig.lines.map(({ message }) => message)).toEqual(['the brake is on'])
  })

  const starting = aRecord({ state: 'starting', onlineAt: undefined, idleSince: undefined })
  test.each<[string, AgentRecord, AgentRecord, readonly string[], string | undefined]>([
    ['online', starting, { ...starting, state: 'online', since: NOW + 12_000 }, ['online'], 'info'],
    ['the same', starting, { ...starting, taskState: 'TASK_RUNNING' }, [], undefined],
    ['too late', starting, { ...starting, state: 'draining', reapReason: 'connect_timeout' }, [], 'warn'],
    ['unreachable', aRecord(), aRecord({ state: 'unreachable' }), [], 'warn'],
    ['disconnected', aRecord(), aRecord({ state: 'disconnected' }), [], 'info'],
    ['a first build', aRecord({ oneShot: true }), aRecord({ oneShot: true, buildsSeen: 1 }), [], undefined],
    [
      'a second build on a one-shot agent',
      aRecord({ oneShot: true, buildsSeen: 1 }),
      aRecord({ oneShot: true, buildsSeen: 2 }),
      ['extraBuild'],
      undefined,
    ],
  ])('of an agent that is %s', (_what, was, record, reported, level) => {
    const { context, reports, lines } = aRig()
    new RoundTeller(context).changed(was, record)
    expect([reports.map(({ name }) => name), lines[0]?.level]).toEqual([reported, level])
  })
})

describe('acting', () => {
  function aStage(options: Parameters<typeof aRig>[0] = {}) {
    const rig = aRig(options)
    const { context } = rig
    const hands = {
      provisioner: new Provisioner(context),
      reaper: new Reaper(context),
      keeper: new NodeKeeper(context),
      rebuilder: new Rebuilder(context, NO_BUILDS),
    }
    const idle = async (): Promise<void> => {
      await hands.provisioner.idle()
      await hands.reaper.idle()
      await hands.keeper.idle()
      await settle()
    }
    const run = async (what: Plan): Promise<void> => {
      await act(what, context, hands)
      await idle()
    }
    return { ...rig, run }
  }

  const record = aRecord({ idleSince: NOW - 200_000 })
  const reaping = plan(
    aSnapshot({
      records: [record],
      jenkins: aReading({ nodes: [anchor, nodeOf(record)] }),
      offers: [anOffer()],
    }),
    NOW,
  )

  test('stores the records first, then reaps and declines', async () => {
    const { run, world, desk, store, calls } = aStage()
    world.put(record)
    desk.add([anOffer()])
    await run(reaping)
    expect(store.commits[0]).toMatchObject([{ value: { state: 'draining', reapReason: 'idle' } }])
    expect(calls.map(({ name }) => name).sort()).toEqual(['decline', 'deleteNode', 'kill', 'setOffline', 'want'])
    expect(world.get(record.agentId)).toMatchObject({ state: 'stopping', nodeGone: true, killedAt: NOW })
  })

  test('only declines, and wants nothing, while the store fails', async () => {
    const { run, world, desk, store, calls } = aStage()
    world.put(record)
    desk.add([anOffer()])
    store.failure = new Error('disk full')
    await run({ ...reaping, wantedRoles: new Set(['*']) })
    expect(calls.map(({ name }) => name)).toEqual(['want', 'decline'])
    expect(argsOf(calls, 'want')).toEqual([[[]]])
    expect([world.busy.size, desk.size]).toEqual([0, 0])
  })

  test('does nothing at all while another instance acts', async () => {
    const { run, world, calls, store } = aStage()
    world.mesos = { ...world.mesos, standingBack: 'another took over' }
    await run(reaping)
    expect([calls, store.commits]).toEqual([[], []])
  })

  test('does not answer an offer that is gone', async () => {
    const { run, world, calls } = aStage()
    world.put(record)
    await run(reaping)
    expect(argsOf(calls, 'decline')).toEqual([])
  })

  test('invariant 1: an agent found busy is left to its build, offline', async () => {
    const { run, world, calls } = aStage({
      jenkins: { setOffline: async () => nodeOf(record, { idle: false, running: [{ url: 'b', name: 'b' }] }) },
    })
    world.put(record)
    await run(reaping)
    expect(argsOf(calls, 'deleteNode')).toEqual([])
    expect(argsOf(calls, 'kill')).toEqual([])
    expect(world.get(record.agentId)?.state).toBe('draining')
  })

  test('invariant 10: brings an agent up without its secret or token in log or store', async () => {
    const { run, world, desk, store, text, calls } = aStage()
    world.mesos = { ...world.mesos, subscribed: true }
    desk.add([anOffer()])
    await run(plan(waiting(1, { offers: [anOffer()] }), NOW))
    expect(argsOf(calls, 'accept')).toMatchObject([
      [
        ['O-1'],
        [{ secretUrl: 'http://sidecar.test:8091/agent-secret/mesos-linux-0000000000/a-token', agent: {} }],
        expect.any(Number),
      ],
    ])
    const kept = text() + JSON.stringify(store.commits)
    expect(kept).not.toContain('the-agent-secret')
    expect(kept).not.toContain('a-token')
    expect(world.records).toMatchObject([{ state: 'starting' }])
  })
})
