import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { AgentRecord } from '../../src/core/model.ts'
import { amount } from '../../src/core/resources.ts'
import type { Action, Plan, Snapshot } from '../../src/core/snapshot.ts'
import { resourcesOf, type Template } from '../../src/core/template.ts'
import { aTemplate } from '../support/builders.ts'
import { aContainer } from '../support/containers.ts'
import { type SmallBuild, SmallFarm } from '../support/small-farm.ts'

const LABELS = ['a', 'b', 'c', 'd'] as const

interface World {
  readonly templates: readonly Template[]
  readonly caps: Snapshot['caps']
  readonly builds: readonly SmallBuild[]
}

const templateOf = (index: number): fc.Arbitrary<Template> =>
  fc
    .record({
      labels: fc.subarray([...LABELS], { minLength: 1 }),
      mode: fc.constantFrom('NORMAL' as const, 'EXCLUSIVE' as const),
      priority: fc.constantFrom(0, 0, 1, 9),
      maxAgents: fc.integer({ min: 1, max: 3 }),
      executors: fc.constantFrom({ min: 1, max: 1 }, { min: 1, max: 2 }, { min: 2, max: 2 }),
      cpus: fc.integer({ min: 1, max: 9 }).map((n) => ({ agent: n * 100, perExecutor: 100 })),
      idleTimeoutMs: fc.constantFrom(30_000, 60_000),
      customImages: fc.boolean(),
    })
    .map(({ customImages, ...rest }) => {
      const template = aTemplate({ name: `t${index}`, ...rest })
      // One that never lets go of its agents: whoever has a higher priority must not wait for them for ever.
      const hoards = index === 0 ? { ...template, priority: -1, idleTimeoutMs: Number.POSITIVE_INFINITY } : template
      return { ...hoards, launch: { ...template.launch, container: aContainer({ customImages }) } }
    })

/** A build that one of the templates can serve. */
function buildFor(templates: readonly Template[]): fc.Arbitrary<SmallBuild> {
  return fc
    .record({
      of: fc.constantFrom(...templates),
      how: fc.constantFrom('one', 'all', 'either', 'none', 'image'),
      lasts: fc.integer({ min: 1, max: 2 }),
      comes: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ of, how, lasts, comes }) => ({ label: labelFor(of, how), lasts, comes }))
}

function labelFor({ labels, mode, launch }: Template, how: string): string | undefined {
  const [first = 'a'] = labels
  if (how === 'none' && mode === 'NORMAL') return undefined
  if (how === 'all') return labels.join('&&')
  if (how === 'either') return `${first}||nowhere`
  if (how === 'image' && launch.container?.customImages === true) return `${first}:maven:3`
  return first
}

const anySmallWorld: fc.Arbitrary<World> = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => templateOf(index))))
  .chain((templates) =>
    fc.record({
      templates: fc.constant(templates),
      maxAgents: fc.integer({ min: 1, max: 4 }),
      moreCpus: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
      builds: fc.array(buildFor(templates), { minLength: 1, maxLength: 8 }),
    }),
  )
  .map(({ templates, maxAgents, moreCpus, builds }) => {
    // Each template alone can be had.
    const least = Math.max(...templates.map((one) => amount(resourcesOf(one, one.executors.min), 'cpus')))
    const maxCpus = moreCpus === undefined ? undefined : least + moreCpus
    return { templates, caps: { maxAgents, maxCpus, maxMem: undefined }, builds }
  })

/** Builds one after the other, each with the longest time that an agent may sit idle before the next. */
const ROUNDS_A_BUILD = 2 + 2 + 3

function expectCaps(records: readonly AgentRecord[], { templates, caps }: World): void {
  expect(records.length).toBeLessThanOrEqual(caps.maxAgents)
  const cpus = records.reduce((total, { resources }) => total + amount(resources, 'cpus'), 0)
  expect(cpus).toBeLessThanOrEqual(caps.maxCpus ?? Number.POSITIVE_INFINITY)
  for (const { name, maxAgents } of templates) {
    expect(records.filter(({ template }) => template === name).length).toBeLessThanOrEqual(maxAgents)
  }
}

/** Nothing of a lower priority is begun while a cap over all templates keeps a higher one waiting. */
function expectPriorities({ actions, explanation }: Plan, { templates }: World): void {
  const begun = actions.filter((action) => action.kind === 'provision')
  const squeezed = explanation.items.filter(({ state, words }) => state === 'capped' && words.includes('in all'))
  for (const { template: name } of squeezed) {
    const template = templates.find((one) => one.name === name)
    if (template === undefined || begun.some((action) => isSmaller(action, template))) continue
    for (const action of begun) expect(action.template.priority).toBeGreaterThanOrEqual(template.priority)
  }
}

test('invariant 3: caps and priorities hold in every round, and no template starves: what can be served is served', () => {
  fc.assert(
    fc.property(anySmallWorld, (world) => {
      const { templates, caps, builds } = world
      const farm = new SmallFarm(templates, caps, builds)
      for (let round = 0; round < 4 + builds.length * ROUNDS_A_BUILD && farm.left.length > 0; round++) {
        expectPriorities(farm.next(), world)
        expectCaps(farm.records, world)
      }
      expect(farm.left).toEqual([])
    }),
    { numRuns: 1_000 },
  )
})

/** Under a cap of CPUs something small may find room where the more important is too big. */
function isSmaller(action: Extract<Action, { kind: 'provision' }>, template: Template): boolean {
  return amount(action.resources, 'cpus') < amount(resourcesOf(template, template.executors.min), 'cpus')
}
