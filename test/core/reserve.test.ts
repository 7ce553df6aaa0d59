import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mergeOffers } from '../../src/core/match.ts'
import type { AgentId, AgentRecord, MesosAgentId, TemplateName } from '../../src/core/model.ts'
import type { KnownHost } from '../../src/core/offer.ts'
import { pack } from '../../src/core/packing.ts'
import type { Waitings } from '../../src/core/remembered.ts'
import { keptHosts, planReservations, type Seeking } from '../../src/core/reserve.ts'
import { type MatchContext, refusals } from '../../src/core/stages.ts'
import { anOffer, aRecord, NOW } from '../support/builders.ts'

const SLOTS = 4
const slots = (count: number) => ({ cpus: count * 1_000, mem: count * 1_000_000 })
const seeking = (name: string, count: number, priority = 0): Seeking => ({
  role: '*',
  template: name as TemplateName,
  resources: slots(count),
  priority,
})
const known = (n: number, free: number, seenAt = NOW): KnownHost => ({
  hostname: `host-${n}`,
  mesosAgentId: `S${n}` as MesosAgentId,
  attributes: [],
  domain: undefined,
  unavailability: undefined,
  free: { '*': slots(free) },
  seenAt,
})
const agentOn = (n: number, over: Partial<AgentRecord> = {}): AgentRecord =>
  aRecord({ mesosAgentId: `S${n}` as MesosAgentId, resources: slots(1), launchedAt: NOW - 1, ...over })

const small = seeking('small', 1)
const big = seeking('big', SLOTS)

interface Turn {
  readonly hosts: readonly KnownHost[]
  readonly records?: readonly AgentRecord[]
  readonly unplaced?: readonly Seeking[]
  readonly placed?: readonly Seeking[]
  readonly now?: number
}
function turn(
  before: Waitings,
  { hosts, records = [], unplaced = [big, small], placed = [], now = NOW }: Turn,
): Waitings {
  const context: MatchContext = { now, hostBackoff: {} }
  return planReservations({ before, placed: placed.map((need) => ({ need })), unplaced, records, hosts, context })
}
const keptBy = (waitings: Waitings): string | undefined => waitings['*']?.kept?.mesosAgentId

describe('a host is kept for the biggest agent that waits', () => {
  const full = {
    hosts: [known(1, 1), known(2, 2)],
    records: [agentOn(1), agentOn(1), agentOn(1), agentOn(2), agentOn(2)],
  }

  test('once it has waited for ten seconds: where most is free already', () => {
    const waiting = turn({}, full)
    expect(keptBy(waiting)).toBeUndefined()
    expect(keptBy(turn(waiting, { ...full, now: NOW + 9_999 }))).toBeUndefined()
    const kept = turn(waiting, { ...full, now: NOW + 10_000 })
    expect(kept['*']?.kept).toEqual({
      mesosAgentId: 'S2',
      template: 'big',
      resources: slots(SLOTS),
      priority: 0,
      until: NOW + 310_000,
    })
    expect(turn(kept, { hosts: [], now: NOW + 300_000 })).toEqual(kept)
  })

  test('for five minutes, then the small ones have a minute, then for twice as long', () => {
    let waitings: Waitings = {}
    const changes: [number, string | undefined][] = []
    for (let at = 0; at <= 1_200_000; at += 1_000) {
      const before = keptBy(waitings)
      waitings = turn(waitings, { ...full, now: NOW + at })
      if (keptBy(waitings) !== before) changes.push([at / 1_000, keptBy(waitings)])
    }
    expect(changes).toEqual([
      [10, 'S2'],
      [310, undefined],
      [370, 'S2'],
      [970, undefined],
      [1030, 'S2'],
    ])
  })

  const after = (over: Partial<Turn>): Waitings => {
    const all = { ...full, ...over }
    return turn(turn({}, all), { ...all, now: NOW + 10_000 })
  }
  test.each<[string, Partial<Turn>]>([
    ['nobody smaller competes', { unplaced: [big] }],
    ['only who is more urgent competes', { unplaced: [seeking('small', 1, 5)], placed: [] }],
    ['no host could ever hold it', { hosts: [known(1, 1)], records: [agentOn(1)] }],
    ['what is free was taken since', { hosts: [known(1, 4)], records: [], unplaced: [seeking('big', 5), small] }],
    [
      'agents there were launched into what was free',
      { hosts: [known(1, 3)], records: [agentOn(1, { launchedAt: NOW + 1 })] },
    ],
    ['nobody waits', { unplaced: [] }],
  ])('not where %s', (_what, over) => {
    expect(keptBy(after(over))).toBeUndefined()
  })

  test('also where the small ones are placed and do not wait', () => {
    expect(keptBy(after({ unplaced: [big], placed: [small] }))).toBe('S2')
  })

  test.each([
    ['bigger', seeking('giant', 99)],
    ['more urgent', seeking('giant', 99, 9)],
  ])('also where one waits that is %s and has room nowhere', (_what, giant) => {
    expect(keptBy(after({ unplaced: [giant, big, small] }))).toBe('S2')
    expect(keptBy(turn(after({}), { ...full, unplaced: [giant, big, small], now: NOW + 20_000 }))).toBe('S2')
  })

  test('and only for as much as is still wanted of its template', () => {
    const fewer = seeking('big', 1)
    const kept = turn(after({}), { ...full, unplaced: [fewer], now: NOW + 11_000 })
    const reserved = keptHosts(kept, NOW + 11_000)
    const [two] = mergeOffers([anOffer({ host: 2, free: slots(2) })])
    if (two === undefined) throw new Error('one offer makes one host')
    expect(refusals(two, fewer, { now: NOW + 11_000, hostBackoff: {}, reserved })).toEqual([])
  })

  test('also while smaller ones of its own template find room', () => {
    const fewer = seeking('big', 1)
    expect(keptBy(turn(after({}), { ...full, placed: [fewer], now: NOW + 11_000 }))).toBe('S2')
  })

  test('and not for the next one of its kind at once', () => {
    const kept = after({})
    expect(keptBy(turn(kept, { ...full, placed: [big], now: NOW + 20_000 }))).toBeUndefined()
  })

  test('and smaller ones pass it by, but for the more urgent', () => {
    const reserved = keptHosts(after({}), NOW + 10_000)
    const [two] = mergeOffers([anOffer({ host: 2, free: slots(2) })])
    if (two === undefined) throw new Error('one offer makes one host')
    const context: MatchContext = { now: NOW + 10_000, hostBackoff: {}, reserved }
    expect(refusals(two, small, context)).toEqual([
      {
        stage: 'reserved',
        words: 'host-2 is kept for a bigger agent, of template big, for 300 s at most',
        passing: true,
        short: [],
      },
    ])
    expect(refusals(two, seeking('small', 1, 1), context)).toEqual([])
    expect(refusals(two, small, { ...context, now: NOW + 310_000 })).toEqual([])
  })
})

interface Running {
  readonly host: number
  readonly slots: number
  readonly endsAt: number
}

/** Seconds between rounds, and what builds take is a multiple of it. */
const STEP = 50

/** One-shot agents come and go; there is always more small work than room. @returns seconds until the big one ran */
function farm(
  hosts: number,
  lengths: readonly number[],
  withReservations: boolean,
): { big: number; longestGap: number } {
  let running: Running[] = []
  let waitings: Waitings = {}
  let [next, lastSmall, longestGap] = [0, 0, 0]
  const length = (): number => lengths[next++ % lengths.length] ?? 60
  for (let second = 0; second < 40_000; second += STEP) {
    const now = NOW + second * 1_000
    running = running.filter(({ endsAt }) => endsAt > second)
    const free = Array.from({ length: hosts }, (_, host) =>
      running.filter((one) => one.host === host).reduce((left, one) => left - one.slots, SLOTS),
    )
    const offers = mergeOffers(
      free.flatMap((left, host) => (left > 0 ? [anOffer({ id: `O${host}`, host, free: slots(left) })] : [])),
    )
    const needs = [
      ...(second >= 100 ? [big] : []),
      ...Array.from({ length: free.reduce((sum, left) => sum + left, 1) }, () => small),
    ]
    const context: MatchContext = { now, hostBackoff: {}, reserved: keptHosts(waitings, now) }
    const { placed, unplaced, after } = pack(needs, offers, context)
    for (const { need, host } of placed) {
      if (need === big) return { big: second, longestGap }
      running.push({ host: Number(host.mesosAgentId.slice(1)), slots: 1, endsAt: second + length() })
      longestGap = Math.max(longestGap, second - lastSmall)
      lastSmall = second
    }
    if (!withReservations) continue
    const records = running.map(({ host }, n) => agentOn(host, { agentId: `a-${n}` as AgentId, launchedAt: now - 1 }))
    const seen = free.map((left, host) => known(host, left, now))
    waitings = planReservations({ before: waitings, placed, unplaced, records, hosts: seen, context: after })
  }
  return { big: Number.POSITIVE_INFINITY, longestGap }
}

describe('where hosts become free piece by piece', () => {
  const anyLengths = fc.array(
    fc.integer({ min: 1, max: 18 }).map((n) => n * STEP),
    { minLength: 3, maxLength: 11 },
  )

  test('a big agent runs in the end, whatever the small ones do, and they go on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), anyLengths, (hosts, lengths) => {
        const { big: second, longestGap } = farm(hosts, lengths, true)
        expect(second).toBeLessThan(100 + 10 + 2 * 900 + 600)
        expect(longestGap).toBeLessThanOrEqual(900)
      }),
      { numRuns: 1_000 },
    )
  })

  test('without a host that is kept it never does', () => {
    expect(farm(3, [50, 100, 150, 350], false).big).toBe(Number.POSITIVE_INFINITY)
    expect(farm(3, [50, 100, 150, 350], true).big).toBeLessThan(1_000)
  })
})
