import { describe, expect, test } from '@jest/globals'
import { launch, MadeUpWorld } from './made-up.ts'
import type { SeenPromises, SeenTemplate } from './scene.ts'

const A = 'mesos-linux-aaaa'
const B = 'mesos-linux-bbbb'
const HOUR = 3_600_000

const CAPS = { agents: new Map([['linux', 9]]) }

function template(over: Partial<SeenTemplate> = {}): Partial<SeenPromises> {
  return { templates: new Map([['linux', { constraints: [], maxBuilds: undefined, minIdleAt: () => 0, ...over }]]) }
}

const unique = { field: 'hostname', operator: 'UNIQUE', value: undefined } as const
const racked = { field: 'rack', operator: 'LIKE', value: 'r2' } as const

/** A world, what happens in it, and what the checker must say. */
type Case = readonly [string, () => MadeUpWorld, RegExp | undefined]

const CASES: readonly Case[] = [
  [
    'agents of a template have more CPUs than all of it may have',
    () => {
      const ofTemplates = [{ template: 'linux', name: 'maxCpus', resource: 'cpus', most: 0.9 }] as const
      const world = new MadeUpWorld({ ...CAPS, ofTemplates })
      return world.record(A).record(B).call(launch(A)).call(launch(B)).pass(1)
    },
    /1000 of cpus of linux, maxCpus allows 900/,
  ],
  [
    'two agents stand on one host, and the rule is UNIQUE',
    () => new MadeUpWorld(CAPS, template({ constraints: [unique] })).agent(A).agent(B).pass(1),
    /mesos-linux-aaaa is on host-1 against the rule hostname UNIQUE/,
  ],
  [
    'an agent stands on a host that its rule does not allow',
    () => {
      const attributesOf = (): Record<string, string> => ({ rack: 'r1' })
      return new MadeUpWorld(CAPS, { ...template({ constraints: [racked] }), attributesOf }).agent(A).pass(1)
    },
    /against the rule rack LIKE r2/,
  ],
  [
    'two on one host, one of which has no record any more',
    () => new MadeUpWorld(CAPS, template({ constraints: [unique] })).agent(A).task(B).pass(1),
    undefined,
  ],
  [
    'an agent is launched after its template was paused',
    () => {
      const world = new MadeUpWorld(CAPS)
      world.checker.pauses.paused('linux')
      return world.pass(1).record(A).call(launch(A), { sentAt: 1 })
    },
    /mesos-linux-aaaa is launched 1 ms after its template was paused/,
  ],
  [
    'an agent that was made before its template was paused is launched much later',
    () => {
      const world = new MadeUpWorld(CAPS).record(A)
      world.checker.pauses.paused('linux')
      return world.call(launch(A), { sentAt: 30_001 })
    },
    /mesos-linux-aaaa is launched 30001 ms after its template was paused/,
  ],
  [
    'an agent is launched after all were paused and go on again',
    () => {
      const world = new MadeUpWorld(CAPS).record(A)
      world.checker.pauses.paused(undefined)
      world.checker.pauses.resuming(undefined)
      return world.call(launch(A), { sentAt: 1 })
    },
    undefined,
  ],
  [
    'a launch was on its way when the pause was answered',
    () => {
      const world = new MadeUpWorld(CAPS).record(A).pass(50)
      world.checker.pauses.paused('linux')
      return world.call(launch(A), { sentAt: 20 })
    },
    undefined,
  ],
  [
    'three agents are planned at once where two may be',
    () => planned([0, 0, 0]),
    /mesos-linux-2 is one launch too many: 2 at once, 0.1 a second/,
  ],
  ['three agents are planned within ten seconds', () => planned([0, 0, 10_000]), undefined],
  ['a fourth one comes too early', () => planned([0, 0, 10_000, 19_000]), /mesos-linux-3 is one launch too many/],
  [
    'a build begins on an agent that had all of its builds minutes ago',
    () => {
      const world = new MadeUpWorld(CAPS, template({ maxBuilds: 1 })).agent(A).build(A).pass(100_000).pass(100_000)
      return world.build(A).pass(1)
    },
    /build 2 begins on mesos-linux-aaaa 200 s after it had all 1 that it may have/,
  ],
  [
    'a build begins before the one before was seen',
    () => new MadeUpWorld(CAPS, template({ maxBuilds: 1 })).agent(A).build(A).pass(100_000).build(A).pass(1),
    undefined,
  ],
  [
    'a build is started that was not lost',
    () => new MadeUpWorld(CAPS).agent(A).build(A).ask({ action: 'build', path: '/job/job/build' }),
    /build 1 of job is started, and 0 of it ended badly/,
  ],
  ['a lost build is started again', () => lost(1), undefined],
  ['a lost build is started again twice', () => lost(2), /build 2 of job is started, and 1 of it ended badly/],
  [
    'a warm pool is not full, and nothing is in its way',
    () => warm().pass(HOUR).pass(HOUR),
    /the warm pool of linux has 0 of 1 for 3600 s/,
  ],
  ['a warm pool is full', () => warm().agent(A).pass(HOUR).pass(HOUR), undefined],
  [
    'a warm pool is not full, and its template is paused',
    () => {
      const world = warm()
      world.checker.pauses.paused('linux')
      return world.pass(HOUR).pass(HOUR)
    },
    undefined,
  ],
]

describe('what people were promised', () => {
  test.each(CASES)('%s', (_what, make, words) => {
    const { violations } = make()
    if (words === undefined) expect(violations).toEqual([])
    else expect(violations.join()).toMatch(words)
  })
})

function planned(times: readonly number[]): MadeUpWorld {
  const world = new MadeUpWorld(CAPS, { launchRate: { burst: 2, perSecond: 0.1 } })
  times.forEach((at, index) => {
    world.now = at
    world.record(`mesos-linux-${index}`, { state: 'planned', createdAt: at })
  })
  return world
}

function lost(starts: number): MadeUpWorld {
  const world = new MadeUpWorld(CAPS).agent(A).build(A)
  world.checker.builds.excuse(() => true)
  world.checker.look()
  world.builds = world.builds.map((build) => ({ ...build, result: 'FAILURE' }))
  for (let start = 0; start < starts; start++) world.ask({ action: 'build', path: '/job/job/build' })
  return world
}

function warm(): MadeUpWorld {
  const world = new MadeUpWorld(CAPS, template({ minIdleAt: () => 1 }))
  world.checker.warm.expected = true
  return world.pass(0)
}
