import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { AgentRecord } from '../../src/core/model.ts'
import type { Standing } from '../../src/core/moved.ts'
import { plan } from '../../src/core/plan.ts'
import { amount } from '../../src/core/resources.ts'
import type { Action, Plan, Snapshot } from '../../src/core/snapshot.ts'
import { anItem, anOffer, NOW } from '../support/builders.ts'
import { anyWorld, recordsAfter } from '../support/worlds.ts'

const RUNS = { numRuns: 1_000 }

const sum = (records: readonly AgentRecord[], name: string): number =>
  records.reduce((total, { resources }) => total + amount(resources, name), 0)

/** A cap that was broken before (it was lowered) must not be broken further. */
function expectCapsHeld(snapshot: Snapshot, after: readonly AgentRecord[]): void {
  const { caps, templates, records } = snapshot
  const bound = (cap: number | undefined, before: number): number => Math.max(cap ?? Number.POSITIVE_INFINITY, before)
  expect(after.length).toBeLessThanOrEqual(bound(caps.maxAgents, records.length))
  expect(sum(after, 'cpus')).toBeLessThanOrEqual(bound(caps.maxCpus, sum(records, 'cpus')))
  expect(sum(after, 'mem')).toBeLessThanOrEqual(bound(caps.maxMem, sum(records, 'mem')))
  for (const { name, maxAgents, maxCpus, maxMem } of templates) {
    // Whatever their images.
    const of = (list: readonly AgentRecord[]): readonly AgentRecord[] =>
      list.filter(({ template }) => template === name)
    expect(of(after).length).toBeLessThanOrEqual(bound(maxAgents, of(records).length))
    expect(sum(of(after), 'cpus')).toBeLessThanOrEqual(bound(maxCpus, sum(of(records), 'cpus')))
    expect(sum(of(after), 'mem')).toBeLessThanOrEqual(bound(maxMem, sum(of(records), 'mem')))
  }
}

const TAKING: ReadonlySet<Action['kind']> = new Set(['reap', 'removeOrphanNode'])

/** Agents that the plan would take away beyond those that were going before. */
function taken({ actions, records }: Plan, snapshot: Snapshot): readonly unknown[] {
  const going = new Set(snapshot.records.filter(({ state }) => state === 'draining').map(({ agentId }) => agentId))
  return [
    ...actions.filter((action) => TAKING.has(action.kind)),
    ...records.filter(({ state, agentId }) => state === 'draining' && !going.has(agentId)),
  ]
}

test('invariant 3: whatever the world, no cap is ever passed', () => {
  fc.assert(
    fc.property(anyWorld, (snapshot) => {
      expectCapsHeld(snapshot, recordsAfter(snapshot, plan(snapshot, NOW)))
    }),
    RUNS,
  )
})

test('invariant 3: an agent is never placed where it does not fit', () => {
  fc.assert(
    fc.property(anyWorld, (snapshot) => {
      const used = new Map<string, { cpus: number; mem: number }>()
      for (const action of plan(snapshot, NOW).actions) {
        if (action.kind !== 'provision') continue
        const key = action.place.offers.join(' ')
        const before = used.get(key) ?? { cpus: 0, mem: 0 }
        used.set(key, {
          cpus: before.cpus + amount(action.resources, 'cpus'),
          mem: before.mem + amount(action.resources, 'mem'),
        })
        expect(action.place.role).toBe(action.template.role)
      }
      for (const [key, need] of used) {
        const offers = snapshot.offers.filter(({ id }) => key.split(' ').includes(id))
        expect(new Set(offers.map(({ mesosAgentId, role }) => `${mesosAgentId} ${role}`)).size).toBe(1)
        const free = (name: string): number => offers.reduce((total, offer) => total + amount(offer.free, name), 0)
        expect(need.cpus).toBeLessThanOrEqual(free('cpus'))
        expect(need.mem).toBeLessThanOrEqual(free('mem'))
      }
    }),
    RUNS,
  )
})

test('invariant 5: every offer is answered once, and nothing is asked for that may not be placed', () => {
  fc.assert(
    fc.property(anyWorld, (snapshot) => {
      const { actions, wantedRoles } = plan(snapshot, NOW)
      const groups = new Set<string>()
      for (const action of actions) {
        if (action.kind === 'provision' || action.kind === 'place') groups.add(action.place.offers.join(' '))
        if (action.kind === 'decline') groups.add(action.offers.join(' '))
      }
      const answered = [...groups].flatMap((group) => group.split(' '))
      expect(answered.sort()).toEqual(snapshot.offers.map(({ id }) => id as string).sort())
      const roles = new Set(snapshot.templates.map(({ role }) => role))
      for (const role of wantedRoles) expect(roles.has(role)).toBe(true)
      if (!snapshot.mesos.subscribed) expect(wantedRoles.size).toBe(0)
    }),
    RUNS,
  )
})

test('invariant 5: with an empty queue and no warm pool every role is suppressed', () => {
  fc.assert(
    fc.property(anyWorld, (snapshot) => {
      const templates = snapshot.templates.map((template) => ({ ...template, minIdle: 0 }))
      const jenkins = snapshot.jenkins && { ...snapshot.jenkins, queue: [] }
      expect(plan({ ...snapshot, templates, jenkins }, NOW).wantedRoles.size).toBe(0)
    }),
    RUNS,
  )
})

test('invariant 6: without a reading of Jenkins nothing is begun and nothing goes', () => {
  fc.assert(
    fc.property(anyWorld, (snapshot) => {
      const result = plan({ ...snapshot, jenkins: undefined, fresh: false }, NOW)
      expect(result.records).toEqual([])
      for (const { kind } of result.actions) expect(['kill', 'decline']).toContain(kind)
    }),
    RUNS,
  )
})

/** Agents of any world that were told one of these addresses, of which this or that is known. */
const movedWorld = fc
  .tuple(
    anyWorld,
    fc.array(fc.constantFrom('http://old-1/', 'http://old-2/', 'http://now/', undefined), {
      minLength: 8,
      maxLength: 8,
    }),
    fc.array(fc.constantFrom<Standing['kind']>('here', 'lost', 'unknown'), { minLength: 2, maxLength: 2 }),
  )
  .map(([snapshot, told, kinds]) => {
    const standings = kinds.map(
      (kind): Standing => (kind === 'lost' ? { kind, why: 'nobody answers there' } : { kind }),
    )
    const others = new Map(standings.map((standing, index) => [`http://old-${index + 1}/`, standing]))
    const records = snapshot.records.map((record, index) => ({ ...record, jenkinsUrl: told[index] }))
    return { ...snapshot, round: 5, records, addresses: { inUse: 'http://now/', others } }
  })

test('invariants 1 and 6: nobody goes as moved who is connected, has a build, or whose address is not known to be lost', () => {
  let moved = 0
  fc.assert(
    fc.property(movedWorld, (snapshot) => {
      for (const { agentId, reapReason } of plan(snapshot, NOW).records) {
        const before = snapshot.records.find((record) => record.agentId === agentId)
        if (reapReason !== 'moved' || before?.reapReason === 'moved') continue
        moved += 1
        const node = snapshot.jenkins?.nodes.find(({ name }) => name === agentId)
        expect([node?.offline ?? true, node?.idle ?? true, node?.running ?? []]).toEqual([true, true, []])
        expect(snapshot.addresses.others.get(before?.jenkinsUrl ?? '')?.kind).toBe('lost')
        const same = snapshot.records.filter(({ jenkinsUrl }) => jenkinsUrl === before?.jenkinsUrl)
        const names = new Set<string>(same.map((record) => record.agentId))
        expect(snapshot.jenkins?.nodes.filter(({ name, offline }) => names.has(name) && !offline)).toEqual([])
      }
    }),
    RUNS,
  )
  expect(moved).toBeGreaterThan(0)
})

test.each<[string, (snapshot: Snapshot) => Snapshot]>([
  ['an old reading', (snapshot) => ({ ...snapshot, fresh: false })],
  ['the first rounds', (snapshot) => ({ ...snapshot, round: 2 })],
  [
    'a queue with words that are not understood',
    (snapshot) => ({
      ...snapshot,
      jenkins: snapshot.jenkins && {
        ...snapshot.jenkins,
        queue: [...snapshot.jenkins.queue, anItem({ id: '99', why: 'Warte auf den nächsten freien Build-Prozessor' })],
      },
    }),
  ],
  [
    'an empty queue that is not to be believed',
    (snapshot) => ({ ...snapshot, jenkins: snapshot.jenkins && { ...snapshot.jenkins, queue: [], seesJobs: false } }),
  ],
])('invariant 6: %s takes nothing away', (_what, change) => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const snapshot = change(world)
      const anchored = snapshot.jenkins?.nodes.some(({ name }) => name.startsWith('anchor-')) ?? false
      fc.pre(anchored)
      expect(taken(plan(snapshot, NOW), snapshot)).toEqual([])
    }),
    RUNS,
  )
})

test('invariant 6: looking again before the new agents are online launches nothing twice', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const free = { cpus: 1e9, mem: 1e12 }
      const offers = ['*', 'ci'].map((role, host) => anOffer({ host, role, free }))
      // Nobody goes between the two looks: room under a cap may well be used again.
      const records = world.records.filter(({ state }) => state === 'planned' || state === 'starting')
      const snapshot = { ...world, offers, records, round: 1 }
      const first = plan(snapshot, NOW)
      const again = plan({ ...snapshot, records: recordsAfter(snapshot, first), memory: first.memory }, NOW)
      const placed = again.actions.filter(({ kind }) => kind === 'provision')
      expect(placed).toEqual([])
    }),
    RUNS,
  )
})

test('invariant 1: an agent with a running build is never reaped while Jenkins may still give it another', () => {
  fc.assert(
    fc.property(anyWorld, (snapshot) => {
      const nodes = new Map((snapshot.jenkins?.nodes ?? []).map((node) => [node.name, node]))
      for (const action of plan(snapshot, NOW).actions) {
        if (action.kind !== 'reap') continue
        const node = nodes.get(action.agentId)
        // Begun on a busy one, it only takes the node offline: the reaper looks again before it deletes.
        if (node !== undefined && node.running.length > 0) expect(node.temporarilyOffline).toBe(false)
      }
    }),
    RUNS,
  )
})

test('the same snapshot gives the same plan', () => {
  fc.assert(
    fc.property(anyWorld, (snapshot) => {
      expect(plan(snapshot, NOW)).toEqual(plan(snapshot, NOW))
    }),
    { numRuns: 200 },
  )
})
