import { describe, expect, test } from '@jest/globals'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import type { AgentRecord, AgentState } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { anItem, aReading, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'
import { aQueueOf } from '../support/queue-worlds.ts'

const BUILD = { url: 'job/a/1/', name: 'a #1' }
const busy = (record: AgentRecord): JenkinsNode => nodeOf(record, { idle: false, running: [BUILD] })

/** Who is on the way out after a round, and why. */
function leaving(records: readonly AgentRecord[], template: Template, over: Partial<Snapshot> = {}) {
  const nodes = records.map((record) => (record.idleSince === undefined ? busy(record) : nodeOf(record)))
  const snapshot = aQueueOf([], { templates: [template], records, nodes, ...over })
  // Seen before: builds that run now are not new.
  const seen = Object.fromEntries(
    records.map(({ agentId }) => [agentId, { running: [BUILD.url], missing: 0, missingSince: undefined }]),
  )
  return plan({ ...snapshot, memory: { ...snapshot.memory, seen } }, NOW).records.filter(
    ({ state }) => state === 'draining',
  )
}

describe('which of several idle agents goes first', () => {
  const idle = { idleSince: NOW - 300_000 }
  const one = aRecord({ agentId: 'mesos-linux-1', createdAt: NOW - 3_000_000, hostname: 'a', ...idle })
  const two = aRecord({ agentId: 'mesos-linux-2', createdAt: NOW - 2_000_000, hostname: 'b', ...idle })
  const three = aRecord({ agentId: 'mesos-linux-3', createdAt: NOW - 1_000_000, hostname: 'a', ...idle })
  const other = aRecord({ agentId: 'mesos-linux-4', createdAt: NOW, hostname: 'c', idleSince: undefined })
  const same = aRecord({ agentId: 'mesos-linux-5', createdAt: NOW, hostname: 'c', ...idle })

  test.each<[Template['reapOrder'], number, readonly string[]]>([
    ['oldest', 2, ['1', '2']],
    ['newest', 2, ['5', '3']],
    ['emptiestHost', 3, ['2']], // alone on its host
    ['emptiestHost', 1, ['2', '1', '3']], // then the host with the oldest, until it is empty
  ])('%s, %i stay idle', (reapOrder, minIdle, expected) => {
    const template = aTemplate({ reapOrder, minIdle })
    const gone = leaving([three, same, two, other, one], template).map(({ agentId }) => agentId.slice(-1))
    expect(gone.toSorted()).toEqual([...expected].sort())
  })
})

describe('cool-down', () => {
  const records = [
    aRecord({
      agentId: 'mesos-linux-1',
      idleSince: NOW - 300_000,
      launchedAt: NOW - 900_000,
      createdAt: NOW - 900_000,
    }),
    aRecord({ agentId: 'mesos-linux-2', idleSince: undefined, launchedAt: NOW - 200_000, createdAt: NOW - 210_000 }),
  ]

  test.each([
    [0, 1],
    [200_000, 1],
    [200_001, 0],
  ])('of %i ms: %i agents go', (coolDownMs, expected) => {
    expect(leaving(records, aTemplate({ coolDownMs }))).toHaveLength(expected)
  })
})

describe('maxBuilds', () => {
  const template = aTemplate({ maxBuilds: 3 })
  const agent = (buildsSeen: number, idle = true, state: AgentState = 'online') =>
    aRecord({ buildsSeen, state, idleSince: idle ? NOW : undefined }, template)

  test.each([
    ['has had less', agent(2), 0],
    ['has had them all', agent(3), 1],
    ['runs the last of them', agent(3, false), 1],
    ['has had more', agent(5, false), 1],
    ['has lost its connection after them', agent(3, true, 'disconnected'), 1],
  ])('an agent that %s', (_what, record, expected) => {
    const gone = leaving([record], template)
    expect(gone).toHaveLength(expected)
    for (const { reapReason, reason } of gone)
      expect([reapReason, reason]).toEqual(['max_builds', expect.stringContaining('maxBuilds')])
  })

  test('holds as it was when the agent was made', () => {
    const record = aRecord({ buildsSeen: 3, maxBuilds: undefined })
    expect(leaving([record], template)).toEqual([])
  })
})

describe('maxAge', () => {
  const template = aTemplate({ maxAgeMs: 3_600_000, maxAgents: 100, idleTimeoutMs: Number.POSITIVE_INFINITY })
  const aged = (count: number, over: (n: number) => Partial<Omit<AgentRecord, 'agentId'>> = () => ({})) =>
    Array.from({ length: count }, (_, n) =>
      aRecord({ agentId: `mesos-linux-${n}`, onlineAt: NOW - 3_600_000 - n, ...over(n) }, template),
    )

  test('an agent goes when it is so old, whether it runs a build or not', () => {
    expect(leaving(aged(1), template)).toMatchObject([{ reapReason: 'max_age' }])
    expect(
      leaving(
        aged(1, () => ({ idleSince: undefined })),
        template,
      ),
    ).toMatchObject([{ reapReason: 'max_age' }])
    expect(
      leaving(
        aged(1, () => ({ onlineAt: NOW - 3_599_999 })),
        template,
      ),
    ).toEqual([])
    expect(
      leaving(
        aged(1, () => ({ state: 'starting', onlineAt: undefined })),
        template,
      ),
    ).toEqual([])
  })

  test('fifty that were launched together go by halves, the oldest first, and the brake does not hold them', () => {
    const records = aged(50)
    const gone = leaving(records, template)
    expect(gone.map(({ agentId }) => agentId)).toEqual(records.slice(25).map(({ agentId }) => agentId))
    expect(gone.every(({ reapReason }) => reapReason === 'max_age')).toBe(true)
  })

  test.each([false, true])(
    'while half of them are on the way out no more go (something is being done on them: %s)',
    (at) => {
      const records = aged(10, (n) => (n < 5 ? { state: 'draining', reapReason: 'max_age' } : {}))
      const nodes = records.map((record) => nodeOf(record))
      const under = new Set(at ? records.slice(0, 5).map(({ agentId }) => agentId) : [])
      expect(plan(aQueueOf([], { templates: [template], records, nodes, busy: under }), NOW).records).toEqual([])
    },
  )

  test('younger ones beside them count among those that stay', () => {
    const records = aged(6, (n) => (n < 3 ? { onlineAt: NOW } : {}))
    expect(leaving(records, template)).toHaveLength(3)
  })
})

describe('while Jenkins is quieting down', () => {
  const template = aTemplate({ minIdle: 5, maxAgents: 20 })
  const idle = [aRecord({ idleSince: NOW - 900_000 })]
  const shutDown = anItem({ why: 'Jenkins is about to shut down' })

  test('idle agents stay for the builds that wait for its return', () => {
    const few = aTemplate()
    const nodes = idle.map((record) => nodeOf(record))
    const snapshot = aQueueOf([shutDown], { templates: [few], records: idle, nodes })
    expect(plan(snapshot, NOW).records).toEqual([])
    expect(plan(aQueueOf([], { templates: [few], records: idle, nodes }), NOW).records).toMatchObject([
      { reapReason: 'idle' },
    ])
  })

  test.each<[string, Partial<Snapshot>, boolean]>([
    ['an item says so', aQueueOf([shutDown], { templates: [template] }), true],
    ['one of several says so', aQueueOf([shutDown, anItem({ id: '2' })], { templates: [template] }), true],
    ['nothing waits and Jenkins said so', { jenkins: { ...reading(template), quietingDown: true } }, true],
    [
      'it said so, and an item says that it is over',
      { jenkins: { ...reading(template), quietingDown: true, queue: [anItem()] } },
      false,
    ],
    ['nobody says so', { jenkins: reading(template) }, false],
  ])('nothing is wanted, the warm pool included, where %s', (_when, over, quiet) => {
    const { wantedRoles, explanation } = plan(aQueueOf([], { templates: [template], ...over }), NOW)
    expect(wantedRoles.size).toBe(quiet ? 0 : 1)
    expect(explanation.problems.join().includes('about to shut down')).toBe(quiet)
  })
})

function reading(template: Template) {
  return aQueueOf([], { templates: [template] }).jenkins ?? aReading()
}
