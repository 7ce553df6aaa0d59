import { describe, expect, test } from '@jest/globals'
import { launch, MadeUpWorld } from './made-up.ts'
import { outcomeOf } from './outcome.ts'

const A = 'mesos-linux-aaaa'
const B = 'mesos-linux-bbbb'

/** What is made up, and what the checker must say of it. */
const VIOLATIONS: readonly (readonly [string, (world: MadeUpWorld) => unknown, RegExp])[] = [
  [
    'invariant 1: a node is deleted under a build',
    (world) => world.agent(A).build(A).ask({ action: 'doDelete', node: A }),
    /^1: doDelete of mesos-linux-aaaa, where job #1 runs/,
  ],
  [
    'invariant 1: a task is killed under a build',
    (world) =>
      world
        .agent(A)
        .build(A)
        .call({ type: 'KILL', kill: { task_id: { value: A } } }),
    /^1: KILL of mesos-linux-aaaa/,
  ],
  [
    'invariant 1: the framework is ended under a build',
    (world) => world.agent(A).build(A).call({ type: 'TEARDOWN' }),
    /^1: TEARDOWN of mesos-linux-aaaa/,
  ],
  [
    'invariant 2: a node has no record for five minutes',
    (world) => world.node(A).pass(290_000).pass(20_000),
    /^2: node mesos-linux-aaaa has no record/,
  ],
  [
    'invariant 2: a task has no record until after a full reconciliation and two sweeps',
    (world) => world.task(A).pass(1_300_000).pass(100_000),
    /^2: task mesos-linux-aaaa has no record/,
  ],
  [
    'invariant 2: a node is made before its record is stored',
    (world) => world.record(B).ask({ action: 'doCreateItem', node: A }),
    /^2: node mesos-linux-aaaa is made, and no record was stored/,
  ],
  [
    'invariant 2: a task is launched before its record is stored',
    (world) => world.record(B).call(launch(A)),
    /^2: task mesos-linux-aaaa is launched, and no record was stored/,
  ],
  [
    'invariant 3: a record and a node of another agent are more than the template may have',
    (world) => world.record(A).node(B).pass(1),
    /^3: 2 agents of linux, the cap is 1: mesos-linux-aaaa mesos-linux-bbbb/,
  ],
  [
    'invariant 4: a task id is launched again',
    (world) => world.record(A).call(launch(A)).call(launch(A)),
    /^4: task id mesos-linux-aaaa is launched twice/,
  ],
  [
    'invariant 4: a node comes again',
    (world) => {
      world.agent(A).pass(1)
      world.nodes = []
      world.pass(1).node(A).pass(1)
    },
    /^4: node mesos-linux-aaaa is made again/,
  ],
  [
    'invariant 5: an offer is held for too long',
    (world) => world.offer('O1').pass(5_001),
    /^5: offer O1 is held for 5001 ms/,
  ],
  [
    'invariant 5: an offer is answered twice',
    (world) => {
      const decline = { type: 'DECLINE', decline: { offer_ids: [{ value: 'O1' }] } }
      world.offer('O1').call(decline).call(decline)
    },
    /^5: offer O1 is answered twice/,
  ],
  [
    'invariant 5: a role is wanted while nobody waits',
    (world) => {
      world.suppressed = []
      world.pass(31_000)
    },
    /^5: nothing may be placed for 31000 ms, yet 0 offers are out and of roles \* only {2}are suppressed/,
  ],
  [
    'invariant 5: a role is wanted while the only template is at its cap',
    (world) => {
      world.suppressed = []
      world.queue.push({ stage: 'buildable' })
      world.agent(A).pass(31_000)
    },
    /^5: nothing may be placed/,
  ],
  [
    'invariant 7: an end is acknowledged and not stored',
    (world) => world.agent(A).tell(A, 'TASK_FINISHED', 'u').call(acknowledge(A, 'u')),
    /^7: TASK_FINISHED of mesos-linux-aaaa is acknowledged, and the store holds online TASK_RUNNING/,
  ],
  [
    'invariant 7: a state is acknowledged and not stored',
    (world) => world.record(A, { taskState: 'TASK_STARTING' }).tell(A, 'TASK_RUNNING', 'u').call(acknowledge(A, 'u')),
    /^7: TASK_RUNNING of mesos-linux-aaaa is acknowledged/,
  ],
  [
    'invariant 7: what was never told is acknowledged',
    (world) => world.agent(A).call(acknowledge(A, 'u')),
    /^7: an update of mesos-linux-aaaa is acknowledged that was never told/,
  ],
  [
    'invariant 9: two instances act in turns',
    (world) => {
      for (const who of ['sidecar-1', 'sidecar-2', 'sidecar-1']) world.ask({ who, action: 'toggleOffline', node: A })
    },
    /^9: sidecar-1 sends toggleOffline although sidecar-2 acts/,
  ],
  [
    'invariant 9: who was replaced goes on',
    (world) => {
      world.checker.told({ who: 'sidecar-1', type: 'ERROR', error: { message: 'Framework failed over' } })
      world.pass(1).ask({ action: 'toggleOffline', node: A })
    },
    /^9: sidecar-1 sends toggleOffline after it was told that another instance took over/,
  ],
  [
    'a build is lost without a cause',
    (world) => world.agent(A).build(A, 'FAILURE').pass(1),
    /^0: build job #1 on mesos-linux-aaaa ended with FAILURE, and nothing was done to it/,
  ],
]

describe('the checker sees that', () => {
  test.each(VIOLATIONS)('%s', (_what, make, words) => {
    const world = new MadeUpWorld()
    make(world)
    expect(world.violations).toEqual([expect.stringMatching(words)])
  })

  test.each([
    ['agents', 1, /^3: 2 of agents in all, LIMIT allows 1/],
    ['cpus', 0.9, /^3: 1000 of cpus in all, LIMIT allows 900/],
  ] as const)('invariant 3: all agents have more %s than they may', (resource, most, words) => {
    const world = new MadeUpWorld({ agents: new Map(), inAll: [{ name: 'LIMIT', resource, most }] })
    world.agent(A).agent(B).call(launch(A)).call(launch(B)).pass(1)
    expect(world.violations).toEqual([expect.stringMatching(words)])
  })

  test('invariant 8: something is left', () => {
    const world = new MadeUpWorld().agent(A)
    expect(outcomeOf(world.checker.scene(), [A, 'anchor-linux'])).toEqual([
      'framework: 1 of 1 roles suppressed, 0 offers',
      'node of linux',
      'other node anchor-linux',
      'record of linux: online',
      'task of linux: TASK_RUNNING',
    ])
  })
})

/** What looks like a violation and is none. */
const ALLOWED: readonly (readonly [string, (world: MadeUpWorld) => unknown])[] = [
  [
    'a node goes under a build whose task has ended',
    (world) =>
      world
        .agent(A, { taskEnded: true })
        .build(A)
        .tell(A, 'TASK_FAILED')
        .ask({ action: 'doDelete', node: A })
        .call({ type: 'KILL', kill: { task_id: { value: A } } }),
  ],
  ['an orphan with a build stays for its end', (world) => world.node(A).build(A).pass(900_000)],
  [
    'nothing is held to a time while something is wrong',
    (world) => {
      world.calm = false
      world.node(A).offer('O1').pass(900_000)
    },
  ],
  [
    'a call that a network brings again',
    (world) => {
      const decline = { type: 'DECLINE', decline: { offer_ids: [{ value: 'O1' }] } }
      world.offer('O1').call(decline).call(decline, { again: true })
    },
  ],
  [
    'an offer that is told long after the last look, and held for its time',
    (world) => {
      world.pass(0)
      world.now += 10_000
      world.offer('O1').pass(0).pass(5_000)
    },
  ],
  [
    'an offer that the master took back',
    (world) => {
      world.offer('O1')
      world.offers = []
      world.pass(60_000)
    },
  ],
  [
    'an update that is told twice is acknowledged twice',
    (world) =>
      world
        .agent(A)
        .tell(A, 'TASK_RUNNING', 'u')
        .tell(A, 'TASK_RUNNING', 'u')
        .call(acknowledge(A, 'u'))
        .call(acknowledge(A, 'u')),
  ],
  [
    'another instance acts once the first is dead',
    (world) => {
      for (const who of ['sidecar-1', 'sidecar-2']) world.ask({ who, action: 'toggleOffline', node: A })
    },
  ],
  [
    'a build ends badly by a fault',
    (world) => {
      world.agent(A).build(A)
      world.checker.builds.excuse((node) => node === A)
      const [build] = world.builds
      if (build !== undefined) build.result = 'FAILURE'
      world.pass(1)
    },
  ],
]

describe('the checker accepts that', () => {
  test.each(ALLOWED)('%s', (_what, make) => {
    const world = new MadeUpWorld()
    make(world)
    expect(world.violations).toEqual([])
  })
})

function acknowledge(task: string, uuid: string) {
  return { type: 'ACKNOWLEDGE', acknowledge: { task_id: { value: task }, uuid } }
}
