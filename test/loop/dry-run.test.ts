import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { plan } from '../../src/core/plan.ts'
import type { ItemExplanation, ItemState, Snapshot } from '../../src/core/snapshot.ts'
import { DryRun } from '../../src/loop/dry-run.ts'
import { DryRunLedger } from '../../src/loop/dry-run-ledger.ts'
import { dryJenkins, dryMesos, dryStore } from '../../src/loop/dry-run-ports.ts'
import type { JenkinsPort, MesosPort } from '../../src/loop/ports.ts'
import { anchorOf, anOffer, aReading, aSnapshot, aTemplate, items, NOW } from '../support/builders.ts'
import { aRig, argsOf } from '../support/loop-rig.ts'
import { anItemView } from '../support/views.ts'
import { settle } from '../support/virtual-clock.ts'

const CHANGING_JENKINS = {
  createNode: (port: JenkinsPort) =>
    port.createNode({
      name: 'n',
      description: '',
      remoteFs: '',
      executors: 1,
      mode: 'NORMAL',
      labels: [],
      connection: 'tcp',
    }),
  agentSecret: (port: JenkinsPort) => port.agentSecret('n', 'tcp'),
  setOffline: (port: JenkinsPort) => port.setOffline('n', 'r'),
  setOnline: (port: JenkinsPort) => port.setOnline('n', 'r'),
  deleteNode: (port: JenkinsPort) => port.deleteNode('n'),
}

test.each(Object.entries(CHANGING_JENKINS))(
  'in a dry run Jenkins refuses %s before anything is sent',
  async (_, call) => {
    const { context, calls } = aRig()
    await expect(call(dryJenkins(context.jenkins))).rejects.toMatchObject({ code: 'DRY_RUN' })
    expect(calls).toEqual([])
  },
)

test('in a dry run Mesos takes nothing, and every offer goes back for 300 s', async () => {
  const { context, calls } = aRig()
  const mesos: MesosPort = dryMesos(context.mesos)
  await expect(mesos.accept([], [], 1)).rejects.toMatchObject({ code: 'DRY_RUN' })
  await expect(mesos.kill('t' as never, undefined)).rejects.toMatchObject({ code: 'DRY_RUN' })
  await expect(mesos.acknowledge({} as never)).rejects.toMatchObject({ code: 'DRY_RUN' })
  await expect(mesos.acceptInverseOffers([], 1)).rejects.toMatchObject({ code: 'DRY_RUN' })
  await mesos.decline(['O1' as never], 0)
  expect(mesos.takeOver()).toBe(false)
  expect(calls).toEqual([{ name: 'decline', args: [['O1'], 300] }])
})

test('in a dry run the framework id of the state is never used', () => {
  const started: unknown[] = []
  const { context } = aRig({ mesos: { start: (id) => started.push(id) } })
  dryMesos(context.mesos).start('F1' as never, () => undefined)
  expect(started).toEqual([undefined])
})

test('the store of a dry run knows nothing and keeps nothing', async () => {
  const store = dryStore()
  await store.commit([{ key: 'framework', value: { frameworkId: 'F1' as never, master: 'm' } }])
  expect(await store.load()).toEqual({ framework: undefined, agents: new Map() })
})

describe('a dry run', () => {
  function stage() {
    const rig = aRig()
    const { mesos } = rig.context
    const dry = new DryRun({ mesos, desk: rig.desk, clock: rig.clock, log: rig.context.log })
    const round = (snapshot: Snapshot): void => {
      dry.round(snapshot, plan(snapshot, rig.clock.now()))
    }
    const wanted = (): unknown => argsOf(rig.calls, 'want').at(-1)?.[0]
    return { ...rig, dry, round, wanted }
  }
  const template = aTemplate()
  const waiting = (over: Partial<Snapshot> = {}, count = 1): Snapshot =>
    aSnapshot({ dryRun: true, jenkins: aReading({ nodes: [anchorOf(template)], queue: items(count) }), ...over })

  test('looks for 5 s, once a minute, for as long as something is not decided', async () => {
    const { round, wanted, clock, dry } = stage()
    round(waiting())
    expect(wanted()).toEqual(['*'])
    await clock.advance(5_000)
    expect(wanted()).toEqual([])
    round(waiting())
    expect(wanted()).toEqual([])
    await clock.advance(55_000)
    round(waiting())
    expect(wanted()).toEqual(['*'])
    round(waiting({ offers: [anOffer()] }))
    expect(wanted()).toEqual([])
    await clock.advance(600_000)
    round(waiting())
    expect(wanted()).toEqual([])
    expect(dry.report.counts).toMatchObject({ seen: 1, launched: 1 })
    expect(clock.pending).toBe(0)
  })

  test('tells each decision once, those of one host together, and gives every offer back', async () => {
    const { round, lines, desk, calls } = stage()
    desk.add([anOffer()])
    round(waiting({ offers: [anOffer()] }, 3))
    round(waiting({ offers: [anOffer()] }, 3))
    await settle()
    const told = lines.filter(({ message }) => message.startsWith('dry run'))
    expect(told).toMatchObject([
      {
        message: 'dry run: an agent would be launched',
        fields: { template: 'linux', hostname: 'host-1', jobs: ['job-1', 'job-2', 'job-3'], items: 3 },
      },
    ])
    expect(argsOf(calls, 'decline')).toEqual([[['O-1'], 300]])
  })

  test('tells a warm pool once, and looks for it no more', () => {
    const { round, lines, wanted } = stage()
    const pool = aSnapshot({ dryRun: true, templates: [aTemplate({ minIdle: 2 })] })
    round(pool)
    expect(wanted()).toEqual(['*'])
    round({ ...pool, offers: [anOffer()] })
    round({ ...pool, offers: [anOffer()] })
    round(pool)
    expect(wanted()).toEqual([])
    expect(lines.filter(({ message }) => message.startsWith('dry run'))).toHaveLength(1)
  })

  test('without Jenkins it neither looks nor takes what it knew for gone', () => {
    const { round, wanted, dry } = stage()
    round(waiting())
    round(aSnapshot({ dryRun: true, jenkins: undefined, fresh: false }))
    expect(wanted()).toEqual([])
    expect(dry.report).toMatchObject({ counts: { seen: 1, left: 0 } })
  })
})

describe('the ledger', () => {
  const at = (state: ItemState, over: Partial<ItemExplanation> = {}): ItemExplanation =>
    anItemView({ state, since: NOW, ...over })

  test.each<[ItemState, string]>([
    ['unreadable', 'unknown'],
    ['not_understood', 'unknown'],
    ['unserved', 'unserved'],
    ['capped', 'blocked'],
    ['paused', 'blocked'],
    ['waiting_offer', 'notPlaced'],
    ['served', 'servedByOthers'],
  ])('an item that left the queue as %s counts as %s', (state, count) => {
    const ledger = new DryRunLedger(NOW)
    ledger.look([at(state)], NOW + 1_000)
    ledger.look([], NOW + 20_000)
    expect(ledger.report()).toMatchObject({
      counts: { seen: 1, left: 1, launched: 0, [count]: 1 },
      waitedSeconds: { count: 1, p50: 20, p95: 20, max: 20 },
      done: [{ leftAt: NOW + 20_000 }],
    })
  })

  test('a decision stands, whatever becomes of the item later', () => {
    const ledger = new DryRunLedger(NOW)
    expect(ledger.look([at('starting', { hostname: 'h1' })], NOW + 2_000)).toHaveLength(1)
    expect(ledger.look([at('starting', { hostname: 'h2' })], NOW + 4_000)).toEqual([])
    ledger.look([at('served')], NOW + 6_000)
    ledger.look([], NOW + 8_000)
    expect(ledger.report()).toMatchObject({
      counts: { seen: 1, left: 1, launched: 1, servedByOthers: 0 },
      done: [{ hostname: 'h1', launchedAt: NOW + 2_000, state: 'starting' }],
      launchedAfterSeconds: { p50: 2 },
    })
  })

  test('builds that no template serves are told while they wait, as they may wait for ever', () => {
    const ledger = new DryRunLedger(NOW)
    ledger.look([at('unserved')], NOW + 1_000)
    expect(ledger.words).toContain('1 served by no template')
    ledger.look([], NOW + 2_000)
    expect(ledger.words).toContain('1 served by no template')
  })

  test('what is not demand yet is not seen', () => {
    const ledger = new DryRunLedger(NOW)
    ledger.look([at('not_demand')], NOW)
    expect(ledger.report()).toMatchObject({ counts: { seen: 0 }, waiting: [] })
  })

  test('is bounded over many days, and its counts add up', () => {
    const states = fc.constantFrom<ItemState>('unreadable', 'unserved', 'capped', 'waiting_offer', 'served', 'starting')
    fc.assert(
      fc.property(fc.array(fc.array(states, { maxLength: 40 }), { maxLength: 60 }), (rounds) => {
        const ledger = new DryRunLedger(NOW)
        let id = 0
        rounds.forEach((queue, round) => {
          const seen = queue.map((state) =>
            at(state, { itemId: String(id++), hostname: state === 'starting' ? 'h' : undefined }),
          )
          ledger.look(seen, NOW + round * 1_000)
        })
        ledger.look([], NOW + 1e9)
        const { counts, done, waiting } = ledger.report()
        const { seen, left, launched, servedByOthers, notPlaced, blocked, unserved, unknown } = counts
        expect([seen, left, waiting.length]).toEqual([id, id, 0])
        expect(launched + servedByOthers + notPlaced + blocked + unserved + unknown).toBe(id)
        expect(done.length).toBeLessThanOrEqual(500)
        expect(ledger.words).not.toMatch(/undefined|NaN/)
      }),
      { numRuns: 200 },
    )
  })
})
