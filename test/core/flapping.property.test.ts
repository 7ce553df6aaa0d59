import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { resourcesOf, type Template } from '../../src/core/template.ts'
import { aTemplate } from '../support/builders.ts'
import { type SmallBuild, SmallFarm } from '../support/small-farm.ts'

interface World {
  readonly templates: readonly Template[]
  readonly caps: Snapshot['caps']
  readonly builds: readonly SmallBuild[]
}

const NAMES = ['a', 'b', 'c'] as const

const templateOf = (name: string): fc.Arbitrary<Template> =>
  fc
    .record({
      priority: fc.constantFrom(0, 1, 9),
      maxAgents: fc.integer({ min: 1, max: 4 }),
      executors: fc.constantFrom({ min: 1, max: 1 }, { min: 1, max: 2 }, { min: 2, max: 2 }),
      cpus: fc.integer({ min: 1, max: 9 }).map((n) => ({ agent: n * 100, perExecutor: 100 })),
      idleTimeoutMs: fc.constantFrom(30_000, 60_000, Number.POSITIVE_INFINITY),
      minIdle: fc.constantFrom(0, 0, 1, 2),
      headroom: fc.constantFrom(undefined, { factor: 0.5, limit: 2 }),
      coolDownMs: fc.constantFrom(0, 0, 90_000),
      reapOrder: fc.constantFrom('oldest' as const, 'newest' as const),
      oneShot: fc.constantFrom(false, false, true),
    })
    .map((over) => aTemplate({ name, ...over, ...(over.oneShot ? { executors: { min: 1, max: 1 } } : {}) }))

const anyBuild: fc.Arbitrary<SmallBuild> = fc.record({
  label: fc.constantFrom(...NAMES, 'a||b', 'b||c'),
  lasts: fc.integer({ min: 1, max: 3 }),
  comes: fc.integer({ min: 1, max: 6 }),
})

const anyWorld: fc.Arbitrary<World> = fc
  .record({
    templates: fc.tuple(...NAMES.map(templateOf)),
    maxAgents: fc.integer({ min: 1, max: 8 }),
    maxCpus: fc.option(fc.integer({ min: 1_000, max: 3_000 }), { nil: undefined }),
    builds: fc.array(anyBuild, { minLength: 1, maxLength: 8 }),
  })
  .map(({ templates, maxAgents, maxCpus, builds }) => {
    const least = Math.max(...templates.map((one) => resourcesOf(one, one.executors.min)['cpus'] ?? 0))
    const cap = maxCpus === undefined ? undefined : Math.max(least, maxCpus)
    return { templates, caps: { maxAgents, maxCpus: cap, maxMem: undefined }, builds }
  })

/** Under caps builds come one after the other. */
const MOST_ROUNDS = 40
/** Until the last builds end, idle agents go, and pools are filled in their room. */
const SETTLES = 14
const QUIET = 5

/** Pools are filled once; a build asks for one agent, takes another from the pool, and makes the headroom grow. */
function mostLaunches({ templates, builds }: World): number {
  const pools = templates.reduce((sum, { minIdle }) => sum + minIdle, 0)
  return pools + 3 * builds.length
}

test('no agent goes only to be launched again: launches are bounded by what builds ask for, and end with them', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const farm = new SmallFarm(world.templates, world.caps, world.builds)
      let launches = 0
      const go = (): void => {
        launches += farm.next().actions.filter(({ kind }) => kind === 'provision').length
      }
      for (let round = 0; round < MOST_ROUNDS && farm.left.length > 0; round++) go()
      for (let round = 0; round < SETTLES; round++) go()
      expect(launches).toBeLessThanOrEqual(mostLaunches(world))
      const settled = launches
      for (let round = 0; round < QUIET; round++) go()
      expect(launches).toBe(settled)
    }),
    { numRuns: 500 },
  )
})
