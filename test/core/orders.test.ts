import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { failed, NO_BACKOFF } from '../../src/core/backoff.ts'
import type { AgentId, AgentRecord, TemplateName } from '../../src/core/model.ts'
import { begunFor, launchedFor, type Order, settleOrders } from '../../src/core/orders.ts'
import { plan } from '../../src/core/plan.ts'
import { amount } from '../../src/core/resources.ts'
import { EMPTY_MEMORY, type Snapshot } from '../../src/core/snapshot.ts'
import { anItem, anOffer, aRecord, aSnapshot, aTemplate, NOW, nodeOf } from '../support/builders.ts'
import { aQueueOf } from '../support/queue-worlds.ts'
import { anyWorld, recordsAfter } from '../support/worlds.ts'

const LINUX = 'linux' as TemplateName
const MINUTE = 60_000

function anOrder(over: Partial<Order> = {}): Order {
  return { id: 'o1', template: LINUX, agents: 3, askedAt: NOW, making: [], launched: 0, ...over }
}

const wanting = (orders: readonly Order[]): Pick<Snapshot, 'memory'> => ({ memory: { ...EMPTY_MEMORY, orders } })
const offers = [anOffer()]

function begun(snapshot: Snapshot, now = NOW): number {
  return plan(snapshot, now).actions.filter(({ kind }) => kind === 'provision').length
}

function told(snapshot: Snapshot, now = NOW): string | undefined {
  return plan(snapshot, now).explanation.orders?.[0]?.words
}

describe('agents that an operator asked for', () => {
  test('are begun beside those that the queue calls for, each with the reason', () => {
    const world = aQueueOf([anItem()], { offers, ...wanting([anOrder()]) })
    const reasons = plan(world, NOW).actions.flatMap((action) => (action.kind === 'provision' ? [action.reason] : []))
    expect(reasons.filter((reason) => reason === 'an operator asked for 3 agents')).toHaveLength(3)
    expect(reasons).toHaveLength(4)
  })

  test('want offers while none is there', () => {
    expect(plan(aSnapshot(wanting([anOrder()])), NOW).wantedRoles).toEqual(new Set(['*']))
  })

  test('come beyond idle agents, and before the warm pool', () => {
    const record = aRecord()
    const idle = { records: [record], nodes: [nodeOf(record)], offers }
    expect(begun(aQueueOf([], { ...idle, ...wanting([anOrder()]) }))).toBe(3)
    const caps = { maxAgents: 3, maxCpus: undefined, maxMem: undefined }
    const templates = [aTemplate({ minIdle: 5 })]
    const { actions } = plan(aQueueOf([], { offers, caps, templates, ...wanting([anOrder()]) }), NOW)
    expect(actions.flatMap((action) => (action.kind === 'provision' ? [action.order] : []))).toEqual(['o1', 'o1', 'o1'])
  })

  test('have the smallest size that their template has, and nothing else grows on them', () => {
    const templates = [aTemplate({ executors: { min: 2, max: 4 }, minIdle: 4 })]
    const { actions } = plan(aSnapshot({ offers, templates, ...wanting([anOrder({ agents: 2 })]) }), NOW)
    const sizes = actions.flatMap((action) =>
      action.kind === 'provision' ? [{ order: action.order, executors: action.executors }] : [],
    )
    expect(sizes.toSorted((a, b) => a.executors - b.executors)).toEqual([
      { order: 'o1', executors: 2 },
      { order: 'o1', executors: 2 },
      { order: undefined, executors: 4 },
    ])
  })

  test.each<[string, Partial<Order>, number]>([
    ['none was begun', {}, 3],
    ['one is being made', { making: ['mesos-linux-9' as AgentId] }, 2],
    ['one was launched, whatever became of it', { launched: 1 }, 2],
    ['one whose making failed is wanted again', { making: ['mesos-linux-lost' as AgentId] }, 3],
    ['all were launched', { launched: 3 }, 0],
  ])('are as many as are missing: %s', (_what, over, missing) => {
    const making = aRecord({ agentId: 'mesos-linux-9', state: 'planned', launchedAt: undefined })
    expect(begun(aSnapshot({ offers, records: [making], ...wanting([anOrder(over)]) }))).toBe(missing)
  })

  test('invariant 6: are launched where Mesos told of them before it answered the ACCEPT, and are not begun twice', () => {
    const agentId = 'mesos-linux-9' as AgentId
    const told = aRecord({ agentId, state: 'starting', launchedAt: NOW, taskState: 'TASK_STARTING' })
    const world = aSnapshot({ offers, records: [told], ...wanting([anOrder({ making: [agentId] })]) })
    expect(begun(world)).toBe(2)
    const after = plan(world, NOW).memory.orders
    expect(after).toMatchObject([{ launched: 1, making: [] }])
    expect(launchedFor(after, agentId)).toEqual(after) // the answer comes late
  })

  test('are not wanted any more after ten minutes, and the plan says so once', () => {
    const world = aSnapshot({ offers, ...wanting([anOrder({ launched: 1 })]) })
    expect(begun(world, NOW + 10 * MINUTE - 1)).toBe(2)
    const late = plan(world, NOW + 10 * MINUTE)
    expect(late.explanation.endedOrders).toMatchObject([{ why: 'late', order: { launched: 1 } }])
    expect(late.memory.orders).toEqual([])
    expect(late.actions.filter(({ kind }) => kind === 'provision')).toEqual([])
  })

  test('are wanted for no longer where the clock is set back', () => {
    const first = plan(aSnapshot(wanting([anOrder()])), NOW - 24 * 60 * MINUTE)
    const world = aSnapshot({ memory: first.memory })
    expect(plan(world, NOW - 24 * 60 * MINUTE + 10 * MINUTE).memory.orders).toEqual([])
  })

  test('go with their template', () => {
    const { explanation, memory } = plan(aSnapshot(wanting([anOrder({ template: 'gpu' as TemplateName })])), NOW)
    expect([explanation.endedOrders, memory.orders]).toMatchObject([[{ why: 'template' }], []])
  })

  test('wait while Jenkins cannot be read', () => {
    const { actions, memory } = plan(aSnapshot({ jenkins: undefined, offers, ...wanting([anOrder()]) }), NOW)
    expect(actions.map(({ kind }) => kind)).toEqual(['decline'])
    expect(memory.orders).toHaveLength(1)
  })
})

describe('what becomes of them is told', () => {
  test.each<[string, Partial<Snapshot>, string]>([
    ['room for all', { offers }, 'an operator asked for 3 agents: 3 are being started'],
    ['no offer', {}, 'an operator asked for 3 agents: 3 wait: no host has offered room yet'],
    ['a cap', { offers, templates: [aTemplate({ maxAgents: 2 })] }, '2 are being started, 1 waits: '],
    ['a pause', { offers, paused: { all: true, templates: [] } }, '3 wait: an operator paused all templates'],
    ['a slow start', { offers, launchRate: { burst: 1, perSecond: 0.001 } }, '1 is being started, 2 wait: agents are'],
  ])('%s', (_what, over, words) => {
    expect(told(aSnapshot({ ...over, ...wanting([anOrder()]) }))).toContain(words)
  })

  test('a back-off', () => {
    const memory = { ...wanting([anOrder()]).memory, backoff: { [LINUX]: failed(NO_BACKOFF, NOW) } }
    expect(told(aSnapshot({ offers, memory }))).toMatch(/3 wait: .*fail/)
  })

  test('with the template', () => {
    const { templates } = plan(aSnapshot({ offers, ...wanting([anOrder()]) }), NOW).explanation
    expect(templates).toMatchObject([
      { ordered: 'an operator asked for 3 agents: 3 are being started', words: expect.stringContaining('asked for 3') },
    ])
  })
})

const anyOrders = (names: readonly string[]): fc.Arbitrary<readonly Order[]> =>
  fc.array(
    fc
      .record({
        name: fc.constantFrom(...names),
        agents: fc.integer({ min: 1, max: 12 }),
        launched: fc.nat({ max: 3 }),
      })
      .map(({ name, agents, launched }) => anOrder({ template: name as TemplateName, agents, launched })),
    { maxLength: 3 },
  )

const orderedWorld = anyWorld.chain((world) =>
  anyOrders(world.templates.map(({ name }) => name)).map((orders) => ({
    world,
    ordered: { ...world, ...wanting(orders.map((order, index) => ({ ...order, id: `o${index}` }))) },
  })),
)

const RUNS = { numRuns: 500 }

test('invariant 3: whatever operators ask for, no cap is passed', () => {
  fc.assert(
    fc.property(orderedWorld, ({ ordered }) => {
      const after = recordsAfter(ordered, plan(ordered, NOW))
      const { caps, records, templates } = ordered
      expect(after.length).toBeLessThanOrEqual(Math.max(caps.maxAgents, records.length))
      for (const [name, most = Number.POSITIVE_INFINITY] of [
        ['cpus', caps.maxCpus],
        ['mem', caps.maxMem],
      ] as const) {
        const given = (list: readonly AgentRecord[]): number =>
          list.reduce((sum, { resources }) => sum + amount(resources, name), 0)
        expect(given(after)).toBeLessThanOrEqual(Math.max(most, given(records)))
      }
      for (const { name, maxAgents } of templates) {
        const of = (list: readonly AgentRecord[]): number => list.filter(({ template }) => template === name).length
        expect(of(after)).toBeLessThanOrEqual(Math.max(maxAgents, of(records)))
      }
    }),
    RUNS,
  )
})

test('never more are begun than are missing, and no item of the queue is capped for it that was not before', () => {
  fc.assert(
    fc.property(orderedWorld, ({ world, ordered }) => {
      const result = plan(ordered, NOW)
      for (const { id, agents, launched } of ordered.memory.orders) {
        const mine = result.actions.filter((action) => action.kind === 'provision' && action.order === id)
        expect(mine.length).toBeLessThanOrEqual(Math.max(0, agents - launched))
      }
      const capped = (one: Snapshot): readonly string[] =>
        plan(one, NOW).explanation.items.flatMap(({ itemId, state }) => (state === 'capped' ? [itemId] : []))
      expect(capped(ordered)).toEqual(capped(world))
    }),
    RUNS,
  )
})

test('whatever becomes of what was begun, never more are launched than were asked for', () => {
  const step = fc.constantFrom(
    'begin' as const,
    'launch' as const,
    'told by Mesos' as const,
    'lose' as const,
    'look' as const,
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (agents, steps) => {
      let orders: readonly Order[] = [anOrder({ agents })]
      let records: readonly AgentRecord[] = []
      let launched = 0
      steps.forEach((what, index) => {
        if (what === 'begin') {
          const [order] = settleOrders(orders, records, [aTemplate()], NOW).open
          if (order === undefined || order.making.length + order.launched >= order.agents) return
          const record = aRecord({ agentId: `mesos-linux-${index}`, state: 'planned', launchedAt: undefined })
          records = [...records, record]
          orders = begunFor(orders, order.id, record.agentId)
        } else if (what === 'launch' && records[0] !== undefined) {
          orders = launchedFor(orders, records[0].agentId)
          records = records.slice(1) // whatever becomes of it
          launched += 1
        } else if (what === 'told by Mesos' && records[0] !== undefined) {
          // Before the answer to its ACCEPT, which comes after a look.
          const { agentId } = records[0]
          const told = records.map((record, at) => (at === 0 ? { ...record, state: 'starting' as const } : record))
          orders = launchedFor(settleOrders(orders, told, [aTemplate()], NOW).open, agentId)
          records = records.slice(1)
          launched += 1
        } else if (what === 'lose') records = records.slice(1)
        else orders = settleOrders(orders, records, [aTemplate()], NOW).open
        expect(launched).toBeLessThanOrEqual(agents)
      })
      expect(settleOrders(orders, records, [aTemplate()], NOW).open.length).toBe(launched < agents ? 1 : 0)
    }),
    RUNS,
  )
})
