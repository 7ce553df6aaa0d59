import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { refill } from '../../src/core/launch-rate.ts'
import type { MesosAgentId, TemplateName } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { LaunchTokens } from '../../src/core/remembered.ts'
import type { Plan, Snapshot } from '../../src/core/snapshot.ts'
import { anOffer, aRecord, aTemplate, items, NOW, nodeOf } from '../support/builders.ts'
import { aQueueOf, kindsOf } from '../support/queue-worlds.ts'

const RATE = { burst: 10, perSecond: 2 }
const ROOM = { cpus: 1_000_000, mem: 1_000_000_000 }
const many = aTemplate({ maxAgents: 1_000 })
const caps = { maxAgents: 1_000, maxCpus: undefined, maxMem: undefined }

function waiting(count: number, over: Partial<Snapshot> = {}): Snapshot {
  const offers = [anOffer({ free: ROOM })]
  return aQueueOf(items(count), { templates: [many], caps, offers, launchRate: RATE, ...over })
}

function withTokens(snapshot: Snapshot, tokens: number, at = NOW): Snapshot {
  return { ...snapshot, memory: { ...snapshot.memory, launches: { tokens, at } } }
}

const launches = ({ actions }: Plan): number => actions.filter(({ kind }) => kind === 'provision').length
const statesOf = ({ explanation }: Plan) => explanation.items.map(({ state }) => state)

describe('launches', () => {
  test('the first burst is not slowed', () => {
    const decided = plan(waiting(10), NOW)
    expect(launches(decided)).toBe(10)
    expect(new Set(statesOf(decided))).toEqual(new Set(['starting']))
  })

  test('beyond it those who waited longest come first, and the others are told why they wait', () => {
    const decided = plan(waiting(13), NOW)
    expect(launches(decided)).toBe(10)
    expect(statesOf(decided).slice(0, 10)).toEqual(Array(10).fill('starting'))
    expect(statesOf(decided).slice(10)).toEqual(Array(3).fill('rate_limited'))
    expect(decided.explanation.items[12]?.words).toContain('LAUNCH_RATE_PER_SECOND')
    expect(decided.explanation.templates[0]?.wanted).toBe(3)
  })

  test('what is left out keeps its offers: they are neither taken nor declined, and more are wanted', () => {
    const small = { cpus: 300, mem: 704_000 }
    const offers = [anOffer({ host: 1, free: small }), anOffer({ host: 2, free: small })]
    const { actions, wantedRoles } = plan(withTokens(waiting(3, { offers }), 1), NOW)
    expect(kindsOf(actions)).toEqual(['provision'])
    expect([...wantedRoles]).toEqual(['*'])
  })

  test('no more offers are held than launches can use meanwhile: the others go back for a short time', () => {
    const small = { cpus: 300, mem: 704_000 }
    const offers = Array.from({ length: 100 }, (_, index) => anOffer({ host: index + 1, free: small }))
    const { actions, wantedRoles } = plan(withTokens(waiting(200, { offers }), 3.5), NOW)
    const provisions = actions.filter(({ kind }) => kind === 'provision')
    const declined = actions.flatMap((action) => (action.kind === 'decline' ? [action] : []))
    expect(provisions).toHaveLength(3)
    expect(declined.map(({ offers: ids, refuseSeconds }) => [new Set(ids).size, refuseSeconds])).toEqual([[87, 5]])
    expect([...wantedRoles]).toEqual(['*'])
  })

  test('an offer that a launch uses now is not given back for the sake of one that waits', () => {
    const { actions } = plan(withTokens(waiting(50), 1), NOW)
    expect(kindsOf(actions)).toEqual(['provision'])
  })

  test('where the next launch is further away than offers may be held none is held or wanted', () => {
    const slow = { burst: 1, perSecond: 0.1 }
    const small = { cpus: 300, mem: 704_000 }
    const offers = [1, 2, 3].map((host) => anOffer({ host, free: small }))
    const { actions, wantedRoles } = plan(withTokens(waiting(3, { launchRate: slow, offers }), 1), NOW)
    expect(kindsOf(actions)).toEqual(['provision', 'decline'])
    expect(wantedRoles.size).toBe(0)
  })

  test('an item is told of the host of its own agent', () => {
    const small = { cpus: 300, mem: 704_000 }
    const offers = [anOffer({ host: 1, free: small }), anOffer({ host: 2, free: small })]
    const { actions, explanation } = plan(waiting(2, { offers }), NOW)
    const launched = actions.flatMap((action) =>
      action.kind === 'provision' ? [[action.reason, action.place.hostname]] : [],
    )
    expect(explanation.items.map(({ job, hostname }) => [`${job} waits`, hostname]).sort()).toEqual(launched.sort())
  })

  test('the host that is kept for an agent stays so until that is launched', () => {
    const kept = {
      mesosAgentId: 'S1' as MesosAgentId,
      template: many.name,
      resources: { cpus: 300, mem: 704_000 },
      priority: 0,
      until: NOW + 60_000,
    }
    const waitings = { '*': { template: many.name, since: NOW, kept, notBefore: NOW, tries: 1 } }
    const offers = [anOffer({ host: 1, free: { cpus: 300, mem: 704_000 } })]
    const snapshot = waiting(2, { offers })
    const world = { ...snapshot, memory: { ...snapshot.memory, waitings } }
    expect(plan(withTokens(world, 0.5), NOW).memory.waitings).toEqual(waitings)
    expect(plan(withTokens(world, 1), NOW).memory.waitings['*']?.kept).toBeUndefined()
  })

  test('the host that is kept for a big agent stays so while launches are too far away', () => {
    const slow = { burst: 1, perSecond: 0.1 }
    const kept = {
      mesosAgentId: 'S9' as MesosAgentId,
      template: many.name,
      resources: {},
      priority: 0,
      until: NOW + 60_000,
    }
    const waitings = { '*': { template: many.name, since: NOW, kept, notBefore: NOW, tries: 0 } }
    const snapshot = withTokens(waiting(3, { launchRate: slow, offers: [] }), 0)
    const { memory } = plan({ ...snapshot, memory: { ...snapshot.memory, waitings } }, NOW)
    expect(memory.waitings).toEqual(waitings)
  })

  test.each([
    [0, 0],
    [499, 0],
    [500, 1],
    [1_700, 3],
    [60_000, 10],
  ])('%i ms after the burst: %i more', (ms, expected) => {
    expect(launches(plan(withTokens(waiting(50), 0, NOW - ms), NOW))).toBe(expected)
  })

  test('a template whose agents find no host takes no turn from another', () => {
    const huge = aTemplate({ name: 'huge', cpus: { agent: 9e9, perExecutor: 0 }, maxAgents: 1_000 })
    const queue = [
      ...items(20, { why: '‘anchor-huge’ is offline' }),
      ...items(5).map((item) => ({ ...item, id: `l${item.id}` })),
    ]
    const offers = [anOffer({ free: ROOM })]
    const snapshot = aQueueOf(queue, { templates: [huge, many], caps, offers, launchRate: RATE })
    const decided = plan(snapshot, NOW)
    expect(launches(decided)).toBe(5)
  })

  test('an agent that is planned already and finds another place costs nothing', () => {
    const record = aRecord({ state: 'planned', launchedAt: undefined, onlineAt: undefined, idleSince: undefined }, many)
    const snapshot = waiting(0, {
      records: [record],
      ready: new Set([record.agentId]),
      nodes: [nodeOf(record, { offline: true })],
    } as Partial<Snapshot>)
    const { actions, memory } = plan(withTokens(snapshot, 0), NOW)
    expect(actions.map(({ kind }) => kind)).toContain('place')
    expect(memory.launches?.tokens).toBe(0)
  })

  test('a slow rate wants no offers that it could not use while it may hold them', () => {
    const slow = { burst: 1, perSecond: 0.1 }
    const snapshot = withTokens(waiting(3, { launchRate: slow, offers: [] }), 0)
    const far = plan(snapshot, NOW)
    expect([far.wantedRoles.size, statesOf(far)[0]]).toEqual([0, 'rate_limited'])
    const near = plan(snapshot, NOW + 5_000)
    expect([near.wantedRoles.size, statesOf(near)[0]]).toEqual([1, 'waiting_offer'])
  })

  test('the warm pool is filled at that pace, too', () => {
    const pool = aTemplate({ minIdle: 30, maxAgents: 100 })
    const decided = plan(waiting(0, { templates: [pool] }), NOW)
    expect(launches(decided)).toBe(10)
  })

  test('an agent of several executors is one launch', () => {
    const wide = aTemplate({ executors: { min: 4, max: 4 }, maxAgents: 100 })
    const decided = plan(withTokens(waiting(8, { templates: [wide] }), 1), NOW)
    expect(launches(decided)).toBe(1)
    expect(statesOf(decided)).toEqual(['starting', 'rate_limited'].flatMap((state) => Array<string>(4).fill(state)))
  })
})

test('property: within any span no more than a burst and the rate, and a clock that is set back blocks no longer', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -10_000, max: 10_000 }), fc.integer({ min: 0, max: 30 })), { maxLength: 40 }),
      fc.record({ burst: fc.integer({ min: 1, max: 20 }), perSecond: fc.double({ min: 0.01, max: 50, noNaN: true }) }),
      (steps, rate) => {
        let bucket: LaunchTokens | undefined
        let now = NOW
        let taken = 0
        let forward = 0
        for (const [pause, wanted] of steps) {
          now += pause
          forward += Math.max(0, pause)
          bucket = refill(bucket, rate, now)
          expect(bucket.tokens).toBeLessThanOrEqual(rate.burst)
          const used = Math.min(wanted, Math.floor(bucket.tokens))
          taken += used
          bucket = { ...bucket, tokens: bucket.tokens - used }
          expect(taken).toBeLessThanOrEqual(rate.burst + (forward / 1000) * rate.perSecond + 1e-6)
          // From here on it is full again after so long, wherever the clock stands.
          const later = refill(bucket, rate, now + Math.ceil((rate.burst / rate.perSecond) * 1000))
          expect(later.tokens).toBeCloseTo(rate.burst, 6)
        }
      },
    ),
    { numRuns: 1000 },
  )
})

test('an item of a template that is paused or capped is not told to wait for its turn', () => {
  const paused = { all: false, templates: ['linux' as TemplateName] }
  expect(statesOf(plan(withTokens(waiting(2, { paused }), 0), NOW))).toEqual(['paused', 'paused'])
  const [item] = plan(waiting(1, { paused }), NOW).explanation.items
  expect(item?.words).toContain('/api/v1/actions/resume')
})
