import { describe, expect, test } from '@jest/globals'
import { countOf } from '../../src/core/histogram.ts'
import type { AgentId, AgentRecord, TemplateName } from '../../src/core/model.ts'
import type { AgentUsage } from '../../src/loop/ports.ts'
import { Sizing } from '../../src/loop/sizing.ts'
import { World } from '../../src/loop/world.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { aRecord, aTemplate } from '../support/builders.ts'
import { aLog } from '../support/log.ts'
import { aRig } from '../support/loop-rig.ts'
import { aSizing, times } from '../support/sizings.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

const MIB = 1024 * 1024
const linux = 'linux' as TemplateName
const busy = (agentId: string, over: Partial<AgentRecord> = {}): AgentRecord =>
  aRecord({ agentId, idleSince: undefined, ...over })

function aSizingDesk() {
  const rig = aRig()
  const templates = [aTemplate()]
  const sizing = new Sizing({ world: rig.world, clock: rig.clock, templates: () => templates })
  sizing.begin()
  return { ...rig, templates, sizing }
}

/** A reading of each, as if it had used so many CPUs since the start of the clock. */
function read(clock: VirtualClock, cpus: Readonly<Record<string, number>>): readonly AgentUsage[] {
  return Object.entries(cpus).map(([agentId, rate]) => ({
    agentId: agentId as AgentId,
    at: clock.now(),
    cpuSeconds: (clock.monotonic() / 1000) * rate,
    cpusLimit: undefined,
    memRssBytes: 256 * MIB,
    memLimitBytes: undefined,
  }))
}

describe('what agents use', () => {
  test('is counted by template: readings at once, the highest of an agent when it has ended', async () => {
    const { world, clock, sizing } = aSizingDesk()
    world.put(busy('a'))
    world.put(busy('b', { executors: 2 }))
    for (let round = 0; round < 4; round++) {
      sizing.look(read(clock, { a: 0.5, b: 0.5, stranger: 7 }))
      await clock.advance(10_000)
    }
    const before = sizing.view(aTemplate())
    expect(before.cpus).toMatchObject({ measured: 0, agents: undefined, samples: { p50: 0.25, p95: 0.5, max: 0.5 } })
    world.put(busy('a', { state: 'stopping', taskEnded: true }))
    world.put({ ...busy('b'), state: 'gone' })
    sizing.look([])
    const { cpus, memMib } = sizing.view(aTemplate())
    expect(cpus).toMatchObject({ measured: 2, agents: { p50: 0.25, max: 0.5 } })
    expect(memMib).toMatchObject({ measured: 2, agents: { p50: 128, max: 256 } })
    sizing.look(read(clock, { a: 9 }))
    expect(sizing.view(aTemplate()).cpus.measured).toBe(2)
  })

  test('of an agent that lives on counts once a day', async () => {
    const { world, clock, sizing } = aSizingDesk()
    world.put(busy('a'))
    for (let minute = 0; minute < 2 * 24 * 60 + 3; minute++) {
      sizing.look(read(clock, { a: 1 }))
      await clock.advance(60_000)
    }
    expect(sizing.view(aTemplate()).cpus).toMatchObject({ measured: 2, agents: { p50: 1, max: 1 } })
  })
})

test('a view is made anew only where a reading, the template or the week changed', async () => {
  const { world, clock, sizing } = aSizingDesk()
  const template = aTemplate()
  const view = () => sizing.view(template)
  world.put(busy('a'))
  sizing.look(read(clock, { a: 1 }))
  await clock.advance(10_000)
  sizing.look(read(clock, { a: 1 }))
  const first = view()
  await clock.advance(10_000)
  expect(view()).toBe(first)
  sizing.look(read(clock, { a: 1 }))
  const second = view()
  expect(second).not.toBe(first)
  expect(sizing.view(aTemplate({ cpus: { agent: 7_000, perExecutor: 0 } })).cpus.asked).toBe(7)
  expect(view().cpus.asked).toBe(second.cpus.asked)
  await clock.advance(5 * 7 * 24 * 3_600_000)
  expect(second.cpus.samples).toBeDefined()
  expect(view().cpus.samples).toBeUndefined() // five weeks later nothing of it counts
})

describe('the store gets it', () => {
  const handed = (world: World): number => countOf(world.sizings.get(linux)?.cpus.samples ?? { weeks: [] })

  test('every five minutes, with what a round saves, and not on its own', async () => {
    const { world, clock, sizing, store } = aSizingDesk()
    world.put(busy('a'))
    await world.save()
    const seen: number[] = []
    for (let tick = 0; tick <= 61; tick++) {
      sizing.look(read(clock, { a: 1 }))
      seen.push(handed(world))
      await clock.advance(10_000)
    }
    expect([seen[29], seen[30], seen[59], seen[60]]).toEqual([0, 30, 30, 60])
    expect(store.commits).toHaveLength(1)
    await world.save()
    expect(store.commits.at(-1)?.map(({ key }) => key)).toEqual(['sizing/linux'])
  })

  test('a minute after the last time where an agent has ended, and never more often', async () => {
    const { world, clock, sizing } = aSizingDesk()
    await clock.advance(60_000)
    world.put(busy('a'))
    for (const _ of times(2, 0)) {
      sizing.look(read(clock, { a: 1 }))
      await clock.advance(10_000)
    }
    expect(handed(world)).toBe(0)
    world.put({ ...busy('a'), state: 'gone' })
    sizing.look([])
    expect(handed(world)).toBe(1)
    world.put(busy('b'))
    for (const _ of times(2, 0)) {
      sizing.look(read(clock, { b: 1 }))
      await clock.advance(10_000)
    }
    world.put({ ...busy('b'), state: 'gone' })
    sizing.look([])
    expect(handed(world)).toBe(1)
  })

  test('nothing, where no agent runs', async () => {
    const { world, clock, sizing, store } = aSizingDesk()
    for (const _ of times(60, 0)) {
      sizing.look([])
      await clock.advance(10_000)
    }
    sizing.hand()
    await world.save()
    expect([store.commits, world.sizings.size]).toEqual([[], 0])
  })

  test('once more where it failed, with all that came since', async () => {
    const { world, clock, sizing, store } = aSizingDesk()
    world.put(busy('a'))
    for (const _ of times(3, 0)) {
      sizing.look(read(clock, { a: 1 }))
      await clock.advance(10_000)
    }
    sizing.hand()
    store.failure = new Error('no space left on device')
    await expect(world.save()).rejects.toThrow('no space left')
    sizing.look(read(clock, { a: 1 }))
    sizing.hand()
    store.failure = undefined
    await world.save()
    const [change] = (store.commits.at(-1) ?? []).filter(({ key }) => key === `sizing/${linux}`)
    expect(change).toMatchObject({ value: { cpus: { samples: { weeks: [{ counts: [[56, 3]] }] } } } })
  })

  test('of templates that are gone for long nothing stays', async () => {
    const { world, clock, sizing } = aSizingDesk()
    world.putSizing('old' as TemplateName, aSizing({ cpus: [1] }))
    world.putSizing(linux, aSizing({ cpus: [1] }))
    sizing.begin()
    await clock.advance(15 * 24 * 3_600_000)
    sizing.hand()
    expect([...world.sizings.keys()]).toEqual(['linux'])
  })
})

describe('over a restart', () => {
  async function restarted(store: MemoryStore, clock: VirtualClock) {
    const world = new World(store, aLog().log)
    await world.load()
    const sizing = new Sizing({ world, clock, templates: () => [aTemplate()] })
    sizing.begin()
    return { world, sizing }
  }

  test('all that was stored is there, and agents that live go on', async () => {
    const { clock } = aRig()
    const store = new MemoryStore()
    const first = await restarted(store, clock)
    first.world.put(busy('stays'))
    first.world.put(busy('ends'))
    first.world.put(busy('meanwhile'))
    for (let tick = 0; tick < 8; tick++) {
      first.sizing.look(read(clock, { stays: 2, ends: 1, meanwhile: 0.5 }))
      await clock.advance(10_000)
    }
    first.world.put({ ...busy('ends'), state: 'gone' })
    first.sizing.look([])
    first.sizing.hand()
    // It ends while nobody looks: what was seen of it counts all the same.
    first.world.put({ ...busy('meanwhile'), state: 'gone' })
    await first.world.save()
    const before = first.sizing.view(aTemplate())

    const second = await restarted(store, clock)
    expect(second.sizing.view(aTemplate())).toEqual(before)
    second.sizing.look(read(clock, { stays: 0.25 }))
    expect(second.sizing.view(aTemplate()).cpus).toMatchObject({ measured: 2, agents: { p50: 0.5, max: 1 } })
    second.world.put({ ...busy('stays'), state: 'gone' })
    second.sizing.look([])
    expect(second.sizing.view(aTemplate()).cpus).toMatchObject({ measured: 3, agents: { p50: 1, max: 2 } })
  })

  test('no more than 500 living agents of a template are stored', async () => {
    const { clock, world, sizing } = aSizingDesk()
    const ids = Array.from({ length: 600 }, (_, index) => `a${index}`)
    for (const id of ids) world.put(busy(id))
    const use = Object.fromEntries(ids.map((id) => [id, 1]))
    sizing.look(read(clock, use))
    await clock.advance(10_000)
    sizing.look(read(clock, use))
    sizing.hand()
    await world.save()
    expect(world.sizings.get(linux)?.open).toHaveLength(500)
  })
})
